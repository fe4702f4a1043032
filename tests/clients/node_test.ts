/** The client in Node: as npm installs it, against the real core, hubs, routes and server. */
import assert from "node:assert/strict";
import { openProgram, until } from "../api/program.ts";
import { TcpProxy } from "../archive/proxy.ts";
import { startProgram } from "../program/program.ts";
import { COMPILER } from "../../clients/build.ts";
import { nodeIsThere, type NodeProject, nodeProject } from "./node.ts";
import { FOLLOWS, TYPED } from "./node_programs.ts";

const ignore = !nodeIsThere();
let project: NodeProject;

Deno.test.beforeAll(async () => {
  if (ignore) return;
  project = await nodeProject();
  await project.write("client.js", FOLLOWS);
});
Deno.test.afterAll(async () => await project?.[Symbol.asyncDispose]());

// deno-lint-ignore no-explicit-any
type Line = any;

/** Runs the script; its lines so far, and its end. */
function run(...args: string[]) {
  const child = project.spawn("client.js", args);
  const lines: Line[] = [];
  const ended = (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop()!;
      lines.push(...parts.map((part) => JSON.parse(part)));
    }
    return (await child.status).code;
  })();
  return {
    lines,
    ended,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await ended;
    },
  };
}

for (const name of ["json", "protobuf"]) {
  Deno.test(
    { name: `a program in Node follows in ${name}, through a cut, and ends when it leaves`, ignore },
    async () => {
      await using program = openProgram();
      await using server = await program.serve();
      await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.port });
      await using node = run(`http://127.0.0.1:${proxy.port}`, name);
      const { lines } = node;
      const told = (type: string) =>
        until(`${type} is told`, () => lines.findLast((line: Line) => line.type === type));
      await told("snapshot");
      await program.quote("bybit", "BTC-USDT", 99.9, 100);
      await program.quote("okx", "BTC-USDT", 101, 101.1);
      const { rows } = await told("update");
      const { body } = await program.get("/opportunities");
      assert.equal(rows.length, 1);
      assert.equal(rows[0].id, body.opportunities[0].id);
      assert.equal(rows[0].buyPrice, 100);

      proxy.refuse();
      await until("the cut is told", () => lines.some((line: Line) => line.state === "reconnecting"));
      await program.quote("okx", "BTC-USDT", 99.9, 100.1);
      await program.quote("bybit", "ETH-USDT", 99.9, 100);
      await program.quote("okx", "ETH-USDT", 101, 101.1);
      proxy.restore();
      await told("close");
      // At the close it asks for another filter: the snapshot of that one may be here already, too.
      const before = lines.slice(0, lines.findIndex((line: Line) => line.type === "close"));
      assert.equal(before.filter((line: Line) => line.type === "snapshot").length, 1);
      assert.equal(await node.ended, 0);
      assert.equal(lines.at(-1).type, "snapshot");
      assert.equal(lines.at(-1).rows[0].symbol, "ETH-USDT");
    },
  );
}

Deno.test({ name: "a program in Node sends the token, and is told where it is wrong", ignore }, async () => {
  const token = "a-token-for-this-test-alone-0123456789";
  await using program = await startProgram({ mode: "test", server: { readToken: token } });
  await using wrong = run(program.url, "json", "another-token-0123456789");
  assert.equal(await wrong.ended, 0);
  assert.equal(wrong.lines.at(-1).code, "unauthorized");
  assert.equal(wrong.lines.at(-1).status, 401);
  await using right = run(program.url, "json", token);
  await until("it follows", () => right.lines.some((line: Line) => line.type === "snapshot"));
});

Deno.test({
  name: "programs in TypeScript have the types of the installed client, those of its README too",
  ignore,
}, async () => {
  const readme = await Deno.readTextFile(new URL("../../clients/ts/README.md", import.meta.url));
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gmsu)].map(([_, code]) => code!);
  assert.ok(examples.length > 0);
  const names = [];
  for (const [index, code] of [TYPED, ...examples].entries()) {
    names.push(`typed_${index}.ts`);
    await project.write(names.at(-1)!, code);
  }
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-lock", "--no-config", "--allow-all", COMPILER, "--noEmit", "--strict"],
      ...["--module", "nodenext", "--target", "esnext", "--lib", "esnext,dom", ...names],
    ],
    cwd: project.folder,
  }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
});
