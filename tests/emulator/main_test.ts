/** The program as `deno task exchanges` starts it. */
import assert from "node:assert/strict";
import { anvilTest } from "../tools/anvil.ts";
import { until } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
const [deno, ...TASK]: string[] = tasks.exchanges.command.split(" ");
assert.equal(deno, "deno");

function start(...args: string[]): Deno.ChildProcess {
  return run([...TASK, ...args]);
}

function run(args: string[]): Deno.ChildProcess {
  const options = { args, cwd: ROOT, stdin: "null", stdout: "piped", stderr: "piped" } as const;
  return new Deno.Command(Deno.execPath(), options).spawn();
}

/** Some lines, in order. */
async function lines(stream: ReadableStream<Uint8Array>, count: number): Promise<string[]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (text.split("\n").length <= count) {
    const { value, done } = await reader.read();
    assert(!done, `It ended after: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.split("\n").slice(0, count);
}

async function cancel({ stdout, stderr }: Deno.ChildProcess): Promise<void> {
  await Promise.all([stdout.cancel(), stderr.cancel()]);
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`exchanges say when they are ready and end with 0 at ${signal}, clients or not`, async () => {
    const process = start("--base-port", "0", "--json", "--chain", "off");
    const { ready, ports } = JSON.parse((await lines(process.stdout, 1))[0]!);
    assert.equal(ready, true);
    assert.deepEqual(Object.keys(ports).sort(), [
      ...["bybit", "control", "exchange1", "exchange2", "exchange3", "gateio", "kraken", "okx"],
    ]);
    const socket = new WebSocket(`ws://127.0.0.1:${ports.kraken}/v2`);
    socket.onerror = (event) => event.preventDefault();
    await new Promise((resolve) => socket.onopen = resolve);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    process.kill(signal);
    assert.equal((await process.status).code, 0);
    await closed;
    await cancel(process);
  });
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  anvilTest(`exchanges leave no chain behind when they end at ${signal}`, async () => {
    const process = start("--base-port", "0", "--json");
    const [first, second] = await lines(process.stdout, 2);
    const { port } = JSON.parse(second!).chain;
    assert.equal(port, JSON.parse(first!).ports.chain);
    assert.equal(isFree(port), false);
    process.kill(signal);
    assert.equal((await process.status).code, signal === "SIGKILL" ? 137 : 0);
    await until(() => isFree(port), Boolean);
    await cancel(process);
  });
}

anvilTest("exchanges end while their chain is still being made, and leave none", async () => {
  const process = start("--base-port", "0", "--json");
  const { ports } = JSON.parse((await lines(process.stdout, 1))[0]!);
  await until(() => isFree(ports.chain), (free) => !free);
  process.kill("SIGTERM");
  assert.equal((await process.status).code, 0);
  await until(() => isFree(ports.chain), Boolean);
  await cancel(process);
});

const WITHOUT: [why: string, says: RegExp, args: string[]][] = [
  ["whose binary is not there", /^Anvil ended with code 127: .*not found/u, [
    "--anvil",
    "/nonexistent/anvil",
  ]],
  ["whose binary cannot be run", /^Anvil ended with code 126: /u, [
    "--anvil",
    new URL("deno.json", ROOT).pathname,
  ]],
];
for (const [why, says, args] of WITHOUT) {
  anvilTest(`exchanges run without a chain ${why}, and say so`, async () => {
    const process = start("--base-port", "0", "--json", ...args);
    const [first, second] = await lines(process.stdout, 2);
    const { chain } = JSON.parse(second!);
    assert.equal(chain.phase, "none");
    assert.match(chain.why, says);
    const { bybit } = JSON.parse(first!).ports;
    const answer = await fetch(`http://127.0.0.1:${bybit}/v5/market/time`);
    await answer.body?.cancel();
    process.kill("SIGTERM");
    assert.equal((await process.status).code, 0);
    await cancel(process);
  });
}

Deno.test("exchanges that may not run a node, or find its port taken, say so in a line", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const cases: [args: string[], says: RegExp][] = [
    [TASK.filter((flag) => !flag.startsWith("--allow-run")), /^chain {6}none: It needs --allow-run=sh$/u],
    [TASK, new RegExp(`^chain {6}none: Port ${port} of chain is taken`, "u")],
  ];
  for (const [task, says] of cases) {
    const process = run([...task, "--base-port", "0", "--ports", `chain=${port}`]);
    assert.match((await lines(process.stdout, 10)).at(-1)!, says);
    process.kill("SIGTERM");
    assert.equal((await process.status).code, 0);
    await cancel(process);
  }
  listener.close();
});

Deno.test("exchanges name everything that is wrong with the arguments and exit with 2", async () => {
  const args = [
    "--seed",
    "x",
    "--foo",
    "--symbols",
    "btc",
    "--ports",
    "bybit=99999",
    "--replay",
    "binance=f",
  ];
  const { code, stdout, stderr } = await start(...args, "--rate", "0", "extra").output();
  assert.equal(code, 2);
  assert.equal(stdout.length, 0);
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  for (const part of ["--seed x", "--foo", "--symbols btc", "bybit=99999", "binance", "--rate 0", "extra"]) {
    assert.equal(lines.filter((line) => line.includes(part)).length, 1, part);
  }
});

Deno.test("exchanges say which port is taken", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stderr } = await start("--base-port", "0", "--ports", `okx=${port}`).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), new RegExp(`^Port ${port} of okx is taken`, "u"));
  listener.close();
});

Deno.test("exchanges explain themselves", async () => {
  const { code, stdout } = await start("--help").output();
  assert.equal(code, 0);
  assert.match(new TextDecoder().decode(stdout), /--replay/u);
});
