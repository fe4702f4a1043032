import assert from "node:assert/strict";
import { type Verdict, Watchdog } from "./watchdog.ts";

const LIMITS = { tickMs: 250, probeAfterMs: 3_000, silentAfterMs: 3_000, dataSilenceMs: 60_000 };

/** Looks every 250 ms and returns each verdict that is not "alive", with its time. */
function watch(untilMs: number, arrives: (watchdog: Watchdog, now: number) => void): [number, Verdict][] {
  const watchdog = new Watchdog(LIMITS);
  watchdog.start(0);
  const verdicts: [number, Verdict][] = [];
  for (let now = 250; now <= untilMs; now += 250) {
    arrives(watchdog, now);
    const verdict = watchdog.look(now, true);
    if (verdict !== "alive") verdicts.push([now, verdict]);
    if (verdict === "silent" || verdict === "no_data") break;
  }
  return verdicts;
}

Deno.test("watchdog probes after three seconds of nothing and gives up three seconds later", () => {
  assert.deepEqual(watch(60_000, () => {}), [[3_000, "probe"], [6_000, "silent"]]);
});

Deno.test("watchdog is content with an answer to its probe, and probes again after the next silence", () => {
  const verdicts = watch(9_000, (watchdog, now) => {
    if (now === 4_000) watchdog.frameAt = watchdog.dataAt = now;
  });
  assert.deepEqual(verdicts, [[3_000, "probe"], [7_000, "probe"]]);
});

Deno.test("watchdog tells heartbeats without data after a minute", () => {
  const verdicts = watch(120_000, (watchdog, now) => {
    watchdog.frameAt = now;
  });
  assert.deepEqual(verdicts, [[60_000, "no_data"]]);
});

Deno.test("watchdog expects no data where nothing is subscribed", () => {
  const watchdog = new Watchdog(LIMITS);
  watchdog.start(0);
  for (let now = 250; now <= 120_000; now += 250) {
    watchdog.frameAt = now;
    assert.equal(watchdog.look(now, false), "alive");
  }
  assert.equal(watchdog.look(120_250, true), "alive");
});

Deno.test("watchdog does not judge a look that comes late: frames may wait behind it", () => {
  const watchdog = new Watchdog(LIMITS);
  watchdog.start(0);
  assert.equal(watchdog.look(250, true), "alive");
  // The timer was starved for eight seconds; after it the frames that waited are read.
  assert.equal(watchdog.look(8_250, true), "alive");
  watchdog.frameAt = 8_260;
  assert.equal(watchdog.look(8_500, true), "alive");
});

Deno.test("watchdog judges the look after a late one, and a second late one too", () => {
  const dead = new Watchdog(LIMITS);
  dead.start(0);
  assert.equal(dead.look(8_000, true), "alive");
  assert.equal(dead.look(8_250, true), "probe");
  const slow = new Watchdog(LIMITS);
  slow.start(0);
  assert.equal(slow.look(8_000, true), "alive");
  assert.equal(slow.look(16_000, true), "probe");
  assert.equal(slow.look(24_000, true), "silent");
});
