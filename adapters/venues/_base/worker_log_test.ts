import assert from "node:assert/strict";
import { workerLog } from "./worker_log.ts";

Deno.test("worker log is bounded in rate and tells how many records it held back", () => {
  let now = 0;
  const sent: [string, unknown][] = [];
  const log = workerLog((_level, message, fields) => sent.push([message, fields.suppressed]), () => now);
  for (let n = 0; n < 1_000; n++) log.info(`Record ${n}`);
  assert.equal(sent.length, 50);
  now = 1_000;
  log.with({ exchange: "okx" }).warning("Later");
  assert.deepEqual(sent.at(-1), ["Later", 950]);
  log.warning("Once more");
  assert.deepEqual(sent.at(-1), ["Once more", undefined]);
});
