/**
 * The executable has all that the program needs. What that is comes from the source; what is inside is read back from
 * the file that `deno compile` made.
 *
 * Deno's runtime for executables is not on npm. Unless `DENORT_BIN` names it, Deno itself takes its place: everything
 * is embedded as ever, only that the result runs as Deno. So the embedded files are also taken out, and run where
 * nothing else can be read.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import project from "../../deno.json" with { type: "json" };
import { type Executable, extract, readExecutable } from "./executable.ts";
import { filesBelow, programFiles, ROOT } from "./program_files.ts";
import { runsWhole } from "./whole.ts";

const runtime = Deno.env.get("DENORT_BIN");
/** deploy/compile.ts says why it is left out. */
const LEFT_OUT = /^bintrees\/[^/]+\/test\//u;

/** The task `compile`, but for the bundle, which the tests have made before, and for where the executable goes. */
async function compile(folder: string, args: string[] = []): Promise<string> {
  const [, command] = project.tasks.compile.command.split(" && deno ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...command!.split(" "), `--output=${folder}`, ...args],
    cwd: ROOT,
    env: { DENORT_BIN: runtime ?? Deno.execPath() },
  }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.equal(code, 0, said);
  return said;
}

let made: Promise<Executable & { file: string; folder: string }> | undefined;

/** Made once for all tests of this file. */
function executable() {
  return made ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
    addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    await compile(folder);
    const file = `${folder}/marketflow`;
    return { file, folder, ...readExecutable(file) };
  })();
}

function assertSame(embedded: Uint8Array | undefined, path: string | URL): void {
  assert.ok(embedded, `${path} is not embedded`);
  assert.ok(Buffer.from(Deno.readFileSync(path)).equals(embedded), `${path} is embedded as something else`);
}

Deno.test("every module, worker, migration and static file is embedded as it is, and nothing else of the project", async () => {
  const { files } = await executable();
  const { modules, named } = await programFiles();
  const expected = new Set(modules);
  for (const path of named) {
    if (!path.endsWith("/")) expected.add(path);
    else for (const file of filesBelow(new URL(path, ROOT).pathname)) expected.add(path + file);
  }
  for (const path of expected) assertSame(files.get(path), new URL(encodeURI(path), ROOT));
  assert.deepEqual([...files.keys()].filter((path) => !expected.has(path)), []);
  // What has to be among them, whatever is said of modules.
  const kinds = [
    /^main\.ts$/u,
    /worker\.ts$/u,
    /\.sql$/u,
    /^proto\/gen\//u,
    /^static\/dist\/.*\.js$/u,
    /\.css$/u,
  ];
  for (const kind of kinds) assert.ok([...expected].some((path) => kind.test(path)), `${kind}`);
});

Deno.test("every package that the program uses is embedded whole, and no other", async () => {
  const { packages: embedded } = await executable();
  const { packages } = await programFiles();
  let files = 0;
  for (const [id, folder] of packages) {
    for (const file of filesBelow(folder)) {
      if (LEFT_OUT.test(`${id}/${file}`)) continue;
      assertSame(embedded.get(`${id}/${file}`), `${folder}/${file}`);
      files++;
    }
  }
  assert.equal(embedded.size, files);
});

Deno.test("the executable may do what the task run may do, and keeps no code where others can write", async () => {
  const { settings } = await executable();
  assert.equal(settings.entrypoint_key, "main.ts");
  assert.equal(settings.code_cache_key, null);
  const granted = Object.entries(settings.permissions)
    .flatMap(([name, value]) => Array.isArray(value) && name !== "allow_import" ? [flagOf(name, value)] : []);
  const flags = /\bdeno run (.*) main\.ts$/u.exec(project.tasks.run.command)![1]!.split(" ");
  const wanted = flags.filter((flag) => /^--(?:allow|deny)-/u.test(flag));
  assert.deepEqual(granted.sort(), wanted.sort());
  assert.equal(settings.permissions.prompt, false);
  assert.ok(flags.includes("--no-prompt"));
  const v8 = flags.find((flag) => flag.startsWith("--v8-flags="))!.slice("--v8-flags=".length).split(",");
  assert.deepEqual(settings.v8_flags.slice(-v8.length), v8);
});

function flagOf(name: string, values: readonly string[]): string {
  const flag = `--${name.replaceAll("_", "-")}`;
  return values.length === 0 ? flag : `${flag}=${values.join(",")}`;
}

Deno.test("what is embedded is all that the program needs to serve, watch and keep", async () => {
  const { files, packages, folder } = await executable();
  const { packages: installed } = await programFiles();
  const [id, place] = [...installed][0]!;
  const registry = place.slice(0, -id.length).split("/").filter(Boolean).at(-1)!;
  await extract(files, `${folder}/program`);
  await extract(packages, `${folder}/deno/npm/${registry}`);
  const flags = /\bdeno run (.*) main\.ts$/u.exec(project.tasks.run.command)![1]!.split(" ")
    .map((flag) => flag.startsWith("--allow-read") ? `--allow-read=${folder}` : flag);
  const lock = `--lock=${new URL("deno.lock", ROOT).pathname}`;
  await runsWhole(Deno.execPath(), [
    "run",
    "--quiet",
    "--cached-only",
    lock,
    ...flags,
    `${folder}/program/main.ts`,
  ], {
    folder: `${folder}/work`,
    env: { DENO_DIR: `${folder}/deno` },
  });
});

Deno.test({
  name: "the executable serves, watches and keeps where there is nothing but itself",
  ignore: runtime === undefined,
  async fn() {
    const { file, folder } = await executable();
    await runsWhole(file, [], { folder: `${folder}/alone`, env: {} });
  },
});
if (runtime === undefined) {
  console.log(
    "The executable itself is not run: DENORT_BIN does not name Deno's runtime for executables (denort)",
  );
}

Deno.test("an executable for another machine is named after it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
  try {
    // Deno in place of the runtime is of this machine's kind of file.
    const target = Deno.build.os === "linux" ? "aarch64-unknown-linux-gnu" : Deno.build.target;
    await compile(folder, [`--target=${target}`]);
    const names = [...filesBelow(folder)];
    assert.deepEqual(names, [`marketflow-${target}${Deno.build.os === "windows" ? ".exe" : ""}`]);
    assert.ok(readExecutable(`${folder}/${names[0]}`).files.has("main.ts"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
