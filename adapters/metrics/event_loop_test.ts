import assert from "node:assert/strict";
import { ManualClock } from "../../tests/core/manual_clock.ts";
import { EventLoopMeter } from "./event_loop.ts";

Deno.test("a thread that is never late has no delay", async () => {
  const clock = new ManualClock();
  const meter = new EventLoopMeter(clock);
  await clock.advance(1_000);
  assert.deepEqual(meter.read(), { samples: 10, totalMs: 0, maxMs: 0 });
});

Deno.test("a pause counts with the time by which it was longer than the timer", async () => {
  const clock = new ManualClock();
  const meter = new EventLoopMeter(clock);
  await clock.pause(350);
  await clock.pause(120);
  assert.deepEqual(meter.read(), { samples: 2, totalMs: 270, maxMs: 250 });
});

Deno.test("the longest delay is told for most of a minute, and forgotten after it", async () => {
  const clock = new ManualClock(0);
  const meter = new EventLoopMeter(clock);
  await clock.pause(5_100);
  await clock.advance(49_000);
  assert.equal(meter.read().maxMs, 5_000);
  await clock.advance(10_000);
  assert.equal(meter.read().maxMs, 0);
  assert.equal(meter.read().totalMs, 5_000, "the sum is not forgotten");
});

Deno.test("a meter that was stopped leaves no timer", async () => {
  const clock = new ManualClock();
  const meter = new EventLoopMeter(clock);
  await clock.advance(1_000);
  meter.stop();
  assert.equal(clock.pending, 0);
});

Deno.test("the clock of the machine measures, too", async () => {
  const meter = new EventLoopMeter();
  for (let looks = 0; looks < 1_000 && meter.read().samples < 2; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(meter.read().samples >= 2);
  assert.ok(meter.read().totalMs >= 0);
  meter.stop();
});
