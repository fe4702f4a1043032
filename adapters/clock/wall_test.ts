import assert from "node:assert/strict";
import { wallTime } from "./wall.ts";

Deno.test("wall time is the time of day with a fraction, and does not run away from it", async () => {
  for (let i = 0; i < 3; i++) {
    const before = Date.now();
    const now = wallTime();
    const after = Date.now();
    assert.ok(now >= before - 4 && now <= after + 4, `${before} ${now} ${after}`);
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
});

Deno.test("wall time goes back to the clock when that was set", async () => {
  wallTime();
  const real = Date.now;
  try {
    Date.now = () => real() + 3_600_000;
    let now = wallTime();
    while (now < real() + 3_000_000) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      now = wallTime();
    }
    assert.ok(Math.abs(now - Date.now()) < 1000);
  } finally {
    Date.now = real;
  }
});
