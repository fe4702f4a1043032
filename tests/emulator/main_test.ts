/** The program as it is started from the command line. */
import assert from "node:assert/strict";

const MAIN = new URL("../../emulator/main.ts", import.meta.url).pathname;

function start(...args: string[]): Deno.ChildProcess {
  const flags = ["run", "--no-lock", "--allow-net=127.0.0.1", "--allow-read", MAIN, ...args];
  return new Deno.Command(Deno.execPath(), { args: flags, stdout: "piped", stderr: "piped" }).spawn();
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    assert(!done, `It ended after: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text.slice(0, text.indexOf("\n"));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`exchanges say when they are ready and end with 0 at ${signal}, clients or not`, async () => {
    const process = start("--base-port", "0", "--json");
    const { ready, ports } = JSON.parse(await firstLine(process.stdout));
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
    await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
  });
}

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
