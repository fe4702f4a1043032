/** `--check-health`, as containers, service managers and monitoring ask. */
import assert from "node:assert/strict";
import { freePort } from "../ports.ts";
import { until } from "./process.ts";
import { type Config, launch, startProgram } from "./program.ts";

const TEST_MODE = { mode: "test" };

/** Another process with the settings of the one that runs. */
async function check(config: Config, args: string[] = [], env: Record<string, string> = {}) {
  await using process = await launch(config, ["--check-health", ...args], env);
  const { code, stdout, stderr } = await process.untilEnded();
  return { code, stdout, stderr };
}

Deno.test("a program that runs is healthy, also where it listens on every address and the venues have a proxy", async () => {
  await using program = await startProgram(TEST_MODE, ["--port", "0", "--host", "0.0.0.0"]);
  await until("every venue delivers", () => program.health(), ({ status }) => status === "ok");
  const { port } = new URL(program.url);
  const proxy = { HTTP_PROXY: `http://127.0.0.1:${freePort()}` };
  const asked = { code: 0, stdout: ["ok"], stderr: [] };
  assert.deepEqual(await check({ server: { host: "0.0.0.0", port: Number(port) } }, [], proxy), asked);
  assert.deepEqual(await check({}, [], { MARKETFLOW_PORT: port }), asked);
  assert.deepEqual(await check({}, ["--port", port]), asked);
});

Deno.test("a program that wants a token is asked with the one of its settings", async () => {
  const tokens = { readToken: "a-token-for-those-who-read", adminToken: "a-token-for-those-who-change" };
  await using program = await startProgram({ ...TEST_MODE, server: tokens });
  const port = Number(new URL(program.url).port);
  const { code, stdout } = await check({ server: { ...tokens, port } });
  assert.deepEqual([code, stdout.length], [0, 1]);
  assert.match(stdout[0]!, /^(?:ok|starting|degraded)/u);
  const refused = await check({ server: { port } });
  assert.deepEqual(refused, {
    code: 1,
    stdout: [`${program.url} wants another token; check server.readToken`],
    stderr: [],
  });
});

Deno.test("a program without any venue that delivers is not, and the line says why", async () => {
  const url = `ws://127.0.0.1:${freePort()}/`;
  const restUrl = url.replace("ws", "http");
  const live = Object.fromEntries(
    ["bybit", "okx", "gateio", "kraken"].map((id) => [id, { wsUrl: url, restUrl }]),
  );
  const pools = { "uniswap-v2": { enabled: false }, "uniswap-v3": { enabled: false } };
  await using program = await startProgram({ mode: "live", venues: { ...live, ...pools } });
  await until("it is down", () => program.health(), ({ status }) => status === "down");
  const { code, stdout, stderr } = await check({}, ["--port", new URL(program.url).port]);
  assert.deepEqual([code, stdout.length, stderr], [1, 1, []]);
  assert.match(stdout[0]!, /^down: .*kraken/u);
});

Deno.test("where nothing runs it says so and ends with 1", async () => {
  const port = freePort();
  const { code, stdout } = await check(TEST_MODE, ["--port", `${port}`]);
  const said =
    `Nothing listens at http://127.0.0.1:${port}; start MarketFlow, or check server.host and server.port`;
  assert.deepEqual([code, stdout], [1, [said]]);
});

Deno.test("settings that are not valid, and a port that nobody knows, end with 2", async () => {
  for (
    const [config, wrong] of [[{ mode: "paper" }, "mode"], [{ server: { port: 0 } }, "server.port"]] as const
  ) {
    const { code, stdout, stderr } = await check(config);
    assert.deepEqual([code, stdout, stderr[0]!.split(":")[0]], [2, [], wrong]);
  }
});
