import assert from "node:assert/strict";
import type { LogLevel } from "../../core/ports/log.ts";
import { openLog } from "./log.ts";

/** A log and the lines that it wrote. */
async function open(level: LogLevel, terminal: boolean) {
  let text = "";
  const log = await openLog(level, terminal, (bytes) => text += new TextDecoder().decode(bytes));
  const lines = () => text.split("\n").slice(0, -1);
  // deno-lint-ignore no-control-regex
  const plain = () => lines().map((line) => line.replace(/\x1b\[[0-9;]*m/g, "").replace(/^[0-9:.]+ /, ""));
  return { log, lines, plain, records: () => lines().map((line) => JSON.parse(line)) };
}

Deno.test("log is one JSON object a line, with level, message, time and fields", async () => {
  const { log, records } = await open("info", false);
  const before = Date.now();
  log.info("Venue connected", { venue: "okx", attempts: 3 });
  const [record] = records();
  const { "@timestamp": time, ...rest } = record;
  assert.deepEqual(rest, {
    level: "INFO",
    message: "Venue connected",
    logger: "marketflow",
    venue: "okx",
    attempts: 3,
  });
  assert.ok(Date.parse(time) >= before - 1);
});

Deno.test("log leaves out what is below its level", async () => {
  for (const [level, expected] of [["debug", 4], ["info", 3], ["warning", 2], ["error", 1]] as const) {
    const { log, lines } = await open(level, false);
    for (const one of ["debug", "info", "warning", "error"] as const) log[one]("Something");
    assert.equal(lines().length, expected, level);
  }
});

Deno.test("fields of a derived log are in every record, and those of the record win", async () => {
  const { log, records } = await open("info", false);
  log.with({ venue: "okx", worker: 1 }).with({ worker: 2 }).warning("Late", { delayMs: 5 });
  log.info("Apart");
  const [late, apart] = records();
  assert.deepEqual([late.venue, late.worker, late.delayMs], ["okx", 2, 5]);
  assert.equal(apart.venue, undefined);
});

Deno.test("braces in a message are text, not the name of a field", async () => {
  const { log, records } = await open("info", false);
  log.info("Got {venue} and {{x}} in {}", { venue: "okx" });
  assert.equal(records()[0].message, "Got {venue} and {{x}} in {}");
});

Deno.test("terminal shows a line with level, message and fields", async () => {
  const { log, plain } = await open("info", true);
  log.info("Venue connected", {
    venue: "okx",
    url: "wss://ws.okx.com:8443/ws/v5/public",
    frames: 12,
    late: false,
  });
  assert.deepEqual(plain(), [
    "INF Venue connected venue=okx url=wss://ws.okx.com:8443/ws/v5/public frames=12 late=false",
  ]);
});

Deno.test("text with spaces is quoted on a terminal, errors show what they say", async () => {
  const { log, plain } = await open("info", true);
  log.info("Ended", { reason: "connection reset", error: new TypeError("no such host") });
  assert.deepEqual(plain(), ["INF Ended reason='connection reset' error='TypeError: no such host'"]);
});

Deno.test("control characters of a venue reach neither the terminal nor another line", async () => {
  const { log, lines } = await open("info", true);
  log.info("Frame not understood", { frame: "a\n\x1b[2J\x07\x9b31m\r12:00:00 ERR faked" });
  assert.equal(lines().length, 1);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(lines()[0]!.replace(/\x1b\[[0-9;]*m/g, ""), /[\x00-\x1f\x7f-\x9f]/);
});

Deno.test("no value of a field costs the record", async () => {
  const circular: Record<string, unknown> = { name: "circle" };
  circular.self = circular;
  for (const terminal of [true, false]) {
    const { log, lines } = await open("info", terminal);
    const values = [
      1n,
      circular,
      undefined,
      null,
      NaN,
      Symbol("s"),
      () => 1,
      new Map([[1, 2]]),
      new Uint8Array(2),
    ];
    for (const value of values) log.info("Value", { value });
    assert.equal(lines().length, values.length);
  }
});

Deno.test("log whose reader has gone does not end the program, and a large record arrives whole", async () => {
  const program = `
    import { openLog } from ${JSON.stringify(new URL("./log.ts", import.meta.url).href)};
    const log = await openLog("info", false);
    for (let at = 0; at < 20; at++) log.info("Large", { at, text: "x".repeat(100_000) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.info("Last");
    console.error("survived");
  `;
  const run = (stdout: "piped") =>
    new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--quiet", program],
      cwd: new URL("../../", import.meta.url),
      stdout,
      stderr: "piped",
    }).spawn();

  const whole = await run("piped").output();
  const lines = new TextDecoder().decode(whole.stdout).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.text?.length), [...Array(20).fill(100_000), undefined]);

  const cut = run("piped");
  const [{ code }, stderr] = await Promise.all([
    cut.status,
    new Response(cut.stderr).text(),
    cut.stdout.cancel(),
  ]);
  assert.deepEqual([code, stderr.trim()], [0, "survived"]);
});
