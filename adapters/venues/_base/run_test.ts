import assert from "node:assert/strict";
import { telemetryOn } from "../../../core/app/telemetry.ts";
import { wallTime } from "../../clock/wall.ts";
import { runFeed } from "./run.ts";
import { QUICK, recordingLog, specOf, until } from "./testing.ts";

Deno.test("feed ends with the reason when its clock is set back, and not when it is corrected a little", async () => {
  const test = { seed: 1, stepsPerSecond: 100, startTime: 0 };
  const spec = specOf(["A-B"], { feed: "synthetic", test });
  const errors: string[] = [];
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    errors.push(event.message);
  };
  let aheadMs = 3_600_000;
  globalThis.addEventListener("error", caught);
  const stop = runFeed(spec, { log: recordingLog([]), tuning: QUICK, now: () => wallTime() + aheadMs });
  try {
    const telemetry = telemetryOn(spec.telemetry);
    aheadMs -= 500;
    const { heartbeat } = telemetry;
    await until(() => telemetry.heartbeat > heartbeat + 2, "ticks after a correction");
    assert.deepEqual(errors, []);
    aheadMs = 0;
    await until(() => errors.length > 0, "the error");
    assert.match(errors[0]!, /The clock was set back by 359\d{4} ms/);
  } finally {
    stop();
    globalThis.removeEventListener("error", caught);
  }
});
