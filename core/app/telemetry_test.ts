import assert from "node:assert/strict";
import { FeedState, newTelemetry, telemetryOn } from "./telemetry.ts";

Deno.test("telemetry that one end writes is what the other end reads", () => {
  const memory = newTelemetry();
  const worker = telemetryOn(memory);
  const core = telemetryOn(memory);
  worker.frames++;
  worker.frames++;
  worker.lastFrameTime = 1_700_000_000_000.125;
  worker.feedState = FeedState.silent;
  assert.equal(core.frames, 2);
  assert.equal(core.lastFrameTime, 1_700_000_000_000.125);
  assert.equal(core.feedState, FeedState.silent);
});

Deno.test("every word of the telemetry has a place of its own", () => {
  const telemetry = telemetryOn(newTelemetry());
  const names = Object.keys(telemetry) as (keyof typeof telemetry)[];
  for (const [at, name] of names.entries()) {
    assert.equal(telemetry[name], 0, `${name} begins at 0`);
    telemetry[name] = at + 1;
  }
  assert.deepEqual(names.map((name) => telemetry[name]), names.map((_, at) => at + 1));
});
