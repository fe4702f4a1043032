/** The client in a project for Node, installed by npm from a build of its own. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "../../clients/build.ts";

const CLIENT = new URL("../../clients/ts/", import.meta.url);
/** The first with a WebSocket, behind a flag; from 22 on it needs none. */
const FIRST = [20, 10] as const;

/** Flags that this machine's Node needs; undefined where there is none, or too old a one. */
function findNode(): { flags: string[] } | undefined {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"] }).outputSync();
    const [major = 0, minor = 0] = new TextDecoder().decode(stdout).replace("v", "").split(".").map(Number);
    if (major < FIRST[0] || (major === FIRST[0] && minor < FIRST[1])) return undefined;
    return { flags: major < 22 ? ["--experimental-websocket"] : [] };
  } catch {
    return undefined;
  }
}

/**
 * True where Node can be tried. Where it cannot, says so; with `CI=true` that is an error, so that no pipeline passes by
 * skipping.
 */
export function nodeIsThere(): boolean {
  if (findNode() !== undefined) return true;
  const advice = `Node was not found, or is older than ${FIRST.join(".")}; install Node 22 or later`;
  if (Deno.env.get("CI") === "true") throw new Error(advice);
  console.warn(`Tests of the client in Node are skipped. ${advice}`);
  return false;
}

export interface NodeProject extends AsyncDisposable {
  folder: string;
  /** Starts a script of this folder in Node. */
  spawn(script: string, args: readonly string[]): Deno.ChildProcess;
  write(name: string, text: string): Promise<void>;
}

/** A folder of its own with a `package.json`, in which the client and its peer are installed. */
export async function nodeProject(): Promise<NodeProject> {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-client-" });
  const own = { flags: findNode()!.flags };
  await Deno.mkdir(`${folder}/client`);
  await build(`${folder}/client/dist`);
  for (const name of ["package.json", "README.md"]) {
    await Deno.copyFile(new URL(name, CLIENT), `${folder}/client/${name}`);
  }
  await Deno.mkdir(`${folder}/project`);
  await Deno.writeTextFile(`${folder}/project/package.json`, '{ "type": "module", "private": true }');
  await Deno.mkdir(`${folder}/other`);
  await Deno.writeTextFile(`${folder}/other/package.json`, '{ "name": "other", "version": "1.0.0" }');
  // Another package that comes later leaves the client as it is: a link would look for the peer where it leads to.
  for (const [name, file] of [["client", "marketflow-client-0.1.0"], ["other", "other-1.0.0"]] as const) {
    await npm(`${folder}/project`, "pack", `../${name}`);
    await npm(`${folder}/project`, "install", "--offline", "--no-audit", "--no-fund", `./${file}.tgz`);
  }
  const installed = await Deno.lstat(`${folder}/project/node_modules/@marketflow/client`);
  assert.ok(installed.isDirectory, "The client is not copied but linked");
  // What `npm install @bufbuild/protobuf` would fetch; Deno has it already.
  const peer = fileURLToPath(new URL("../../", import.meta.resolve("@bufbuild/protobuf")));
  await Deno.mkdir(`${folder}/project/node_modules/@bufbuild`, { recursive: true });
  await Deno.symlink(peer, `${folder}/project/node_modules/@bufbuild/protobuf`);
  return {
    folder: `${folder}/project`,
    spawn: (script, args) =>
      new Deno.Command("node", {
        args: [...own.flags, "--no-warnings", script, ...args],
        cwd: `${folder}/project`,
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
      }).spawn(),
    write: (name, text) => Deno.writeTextFile(`${folder}/project/${name}`, text),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("npm", { args, cwd, stdout: "null" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
