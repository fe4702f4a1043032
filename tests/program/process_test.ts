/** How the program starts, refuses to start, and ends. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { freePort } from "../ports.ts";
import { startExchanges, venuesOf } from "./exchanges.ts";
import { pause, until } from "./process.ts";
import { launch, startProgram } from "./program.ts";
import { Stream } from "./stream.ts";

const TEST_MODE = { mode: "test", screener: { minNetBps: -9000, hysteresisBps: 0 } };

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("a port that is taken is said in one line, and the process ends", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using process = await launch(TEST_MODE, ["--port", `${listener.addr.port}`]);
  const { code, stdout, stderr } = await process.untilEnded();
  assert.equal(code, 1);
  assert.deepEqual(stderr, []);
  assert.equal(stdout.length, 1, stdout.join("\n"));
  assert.match(
    JSON.parse(stdout[0]!).message,
    new RegExp(`^Port ${listener.addr.port} on 127\\.0\\.0\\.1 is taken: .*--port$`, "u"),
  );
});

Deno.test("everything that is wrong with settings is said at once, and nothing is started", async () => {
  const port = freePort();
  const config = {
    mode: "paper",
    server: { port, hots: "x" },
    symbols: ["BTCUSDT"],
    venues: { kraken: { takerFeeBps: "many", wsUrl: "http://x" }, binance: {} },
    screener: { minNetBps: null, hysteresisBps: -1 },
  };
  await using process = await launch(config, [], { MARKETFLOW_CHANNEL_CAPACITY: "0" });
  const { code, stdout, stderr } = await process.untilEnded();
  assert.equal(code, 2);
  assert.deepEqual(stdout, []);
  const wrong = [
    ...["mode", "server.hots", "symbols.0", "venues.kraken.takerFeeBps", "venues.kraken.wsUrl"],
    ...["venues.binance", "screener.hysteresisBps", "channel.capacity"],
  ];
  const told = stderr.slice(0, stderr.indexOf(""));
  assert.deepEqual(told.map((line) => line.split(":")[0]).sort(), wrong.sort());
  assert.match(told.find((line) => line.startsWith("mode:"))!, /"paper".*live or test/u);
  assert.equal(await isListening(port), false);
});

Deno.test("everything that is wrong with arguments is said at once", async () => {
  await using process = await launch(TEST_MODE, ["--speed", "--port", "--mode=live", "now", "--help=yes"]);
  const { code, stdout, stderr } = await process.untilEnded();
  assert.equal(code, 2);
  assert.deepEqual(stdout, []);
  const told = stderr.slice(0, stderr.indexOf(""));
  assert.deepEqual(told.map((line) => line.split(":")[0]), ["--speed", "--port", "now", "--help"]);
});

Deno.test("wrong arguments do not hide wrong settings, and a file that cannot be read hides neither", async () => {
  await using process = await launch({ ...TEST_MODE, logLevel: "loud" }, ["--speed", "--port=x"]);
  const { code, stderr } = await process.untilEnded();
  assert.equal(code, 2);
  const told = stderr.slice(0, stderr.indexOf(""));
  assert.deepEqual(told.map((line) => line.split(":")[0]), ["--speed", "server.port", "logLevel"]);

  await using unread = await launch(TEST_MODE, ["--config=nowhere.yaml", "--speed", "--mode=paper"]);
  const { code: unreadCode, stderr: unreadStderr } = await unread.untilEnded();
  assert.equal(unreadCode, 2);
  const unreadTold = unreadStderr.slice(0, unreadStderr.indexOf(""));
  assert.deepEqual(unreadTold.map((line) => line.split(":")[0]), ["--speed", "nowhere.yaml", "mode"]);
});

Deno.test("arguments of a wrong value are told by the setting that they are", async () => {
  await using process = await launch(TEST_MODE, [
    "--mode",
    "paper",
    "--port",
    "99999",
    "--log-level",
    "loud",
  ]);
  const { code, stderr } = await process.untilEnded();
  assert.equal(code, 2);
  const told = stderr.slice(0, stderr.indexOf(""));
  assert.deepEqual(told.map((line) => line.split(":")[0]), ["mode", "server.port", "logLevel"]);
});

Deno.test("a file that is not there or is not YAML is named", async () => {
  await using missing = await launch(undefined, ["--config", "/nowhere/marketflow.yaml"]);
  const { code, stderr } = await missing.untilEnded();
  assert.equal(code, 2);
  assert.match(stderr[0]!, /^\/nowhere\/marketflow\.yaml: Cannot be read: /u);
  await using broken = await launch("mode: [live\nserver: {");
  const end = await broken.untilEnded();
  assert.equal(end.code, 2);
  assert.match(end.stderr[0]!, /config\.yaml: Not YAML: /u);
});

Deno.test("--help and --version answer and start nothing", async () => {
  await using help = await launch(undefined, ["--help"]);
  const { code, stdout, stderr } = await help.untilEnded();
  assert.deepEqual([code, stderr], [0, []]);
  for (const flag of ["--mode", "--port", "--host", "--config", "--log-level", "--version"]) {
    assert.ok(stdout.some((line) => line.trim().startsWith(flag)), flag);
  }
  await using version = await launch(undefined, ["--version"]);
  const end = await version.untilEnded();
  assert.deepEqual([end.code, end.stdout, end.stderr], [0, [`marketflow ${project.version}`], []]);
});

Deno.test("a flag beats the environment, which beats the file, which beats the default", async () => {
  const [ports, nothing] = [[freePort(), freePort(), freePort()] as const, {}];
  const runs: [args: string[], env: Record<string, string>, port: number][] = [
    [["--port", `${ports[2]}`], { MARKETFLOW_SERVER_PORT: `${ports[1]}` }, ports[2]],
    [[], { MARKETFLOW_SERVER_PORT: `${ports[1]}` }, ports[1]],
    [[], nothing, ports[0]],
  ];
  for (const [args, env, port] of runs) {
    await using process = await launch({ ...TEST_MODE, server: { port: ports[0] } }, args, env);
    const ready = JSON.parse(await process.line("that it is ready", (line) => line.includes("is ready")));
    // The host is nobody's wish: the default.
    assert.deepEqual([ready.url, ready.mode], [`http://127.0.0.1:${port}`, "test"]);
  }
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} tells every stream why its opportunities end, ends it, and the process with 0`, async () => {
    await using exchanges = await startExchanges();
    await using program = await startProgram({
      ...TEST_MODE,
      mode: "live",
      venues: venuesOf(exchanges, true),
    });
    await using all = await Stream.connect(program.url);
    await using some = await Stream.connect(program.url, "?symbol=BTC-USDT");
    await until("both have something open", () => all.open.size > 0 && some.open.size > 0);
    const since = all.closed.length;
    program.process.kill(signal);
    const { code, stderr } = await program.process.untilEnded();
    await until("both streams ended", () => all.end !== undefined && some.end !== undefined);
    assert.deepEqual([code, stderr, all.end, some.end], [0, [], "whole", "whole"]);
    assert.deepEqual([all.open.size, some.open.size], [0, 0]);
    const reasons = new Set(all.closed.slice(since).map((one) => one.reason));
    assert.ok(reasons.has("shutdown"), [...reasons].join());
    const { log } = program;
    assert.ok(log.some((line) => line.message === "Stopping" && line.signal === signal));
    assert.equal(log.at(-1)!.message, "Stopped");
    assert.ok(log.every(({ level }) => level !== "ERROR"), JSON.stringify(log));
    await until(
      "the exchanges are rid of it",
      async () => Object.values(await exchanges.state()).map(({ clients }) => clients),
      (clients) => clients.every((count) => count === 0),
    );
  });
}

/** A connection that has begun a request: stopping waits a second for it. */
async function beginRequest(url: string): Promise<Deno.TcpConn> {
  const peer = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await peer.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
  return peer;
}

Deno.test("a second signal does not wait for what the first one waits for", async () => {
  // It has to fall into the second half of that wait. Where it comes too late, try again.
  for (let tries = 1; tries <= 20; tries++) {
    await using program = await startProgram(TEST_MODE);
    using _peer = await beginRequest(program.url);
    await program.health();
    program.process.kill("SIGTERM");
    await program.process.line("that it stops", (line) => line.includes('"Stopping"'));
    await pause(600);
    program.process.kill("SIGINT");
    const { code } = await program.process.untilEnded();
    if (code === 0) continue;
    assert.equal(code, 130);
    assert.notEqual(program.log.at(-1)!.message, "Stopped");
    return;
  }
  assert.fail("The second signal never came before the end");
});

Deno.test("a signal that arrives twice at once, as under the task runner, stops the program in order", async () => {
  await using program = await startProgram(TEST_MODE);
  using _peer = await beginRequest(program.url);
  await program.health();
  // Both are waiting when the process goes on.
  program.process.kill("SIGSTOP");
  program.process.kill("SIGINT");
  program.process.kill("SIGTERM");
  program.process.kill("SIGCONT");
  const { code } = await program.process.untilEnded();
  assert.deepEqual([code, program.log.at(-1)!.message], [0, "Stopped"]);
});
