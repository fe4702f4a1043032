import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { Alerts, DISTANCE_MS, GATHER_MS } from "./alerts.ts";

const one = (id: string, netBps: number) => ({ id, netBps, symbol: "BTC-USDT" }) as Opportunity;
const atLeast = (least: number) => ({ netBps }: Opportunity) => netBps >= least;

/** Alerts that watch for 20 bps on a clock that stands still until it is moved; what was told, as text. */
function watching(): { alerts: Alerts; told: string[]; pass(ms: number): void } {
  const told: string[] = [];
  let now = 0;
  let due: { act: () => void; at: number }[] = [];
  const alerts = new Alerts({
    tell: (found) => told.push(found.map(({ id, netBps }) => `${id} ${netBps}`).join(", ")),
    now: () => now,
    later: (act, ms) => due.push({ act, at: now + ms }),
  });
  alerts.watch(atLeast(20), false, []);
  alerts.snapshot("test", []);
  const pass = (ms: number) => {
    now += ms;
    const ready = due.filter(({ at }) => at <= now);
    due = due.filter(({ at }) => at > now);
    for (const { act } of ready) act();
  };
  return { alerts, told, pass };
}

Deno.test("an opportunity that opens at the threshold makes one alert, and a smaller one none", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 20));
  alerts.opportunity(one("b", 19.9));
  pass(GATHER_MS);
  alerts.opportunity(one("a", 90));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 20"]);
});

Deno.test("one that rises to the threshold makes its alert then, and not again when it falls and rises", () => {
  const { alerts, told, pass } = watching();
  for (const netBps of [10, 25, 12, 26]) {
    alerts.opportunity(one("a", netBps));
    pass(DISTANCE_MS);
  }
  assert.deepEqual(told, ["a 25"]);
});

Deno.test("only a new opportunity on the same route makes another alert", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 30));
  pass(DISTANCE_MS);
  alerts.closed(one("a", 3));
  alerts.opportunity(one("b", 31));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 30", "b 31"]);
});

Deno.test("what the first snapshot brings makes no alert, unless it rises later", () => {
  const { alerts, told, pass } = watching();
  alerts.snapshot("live", [one("a", 30), one("b", 10)]);
  alerts.opportunity(one("a", 35));
  alerts.opportunity(one("b", 21));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["b 21"]);
});

Deno.test("after a cut, what was missed makes an alert only if it is still open", () => {
  const { alerts, told, pass } = watching();
  // Replayed one by one.
  alerts.opportunity(one("a", 50));
  alerts.closed(one("a", 3));
  alerts.opportunity(one("b", 40));
  pass(DISTANCE_MS);
  // Or told as a whole.
  alerts.opportunity(one("c", 45));
  alerts.snapshot("test", [one("b", 40), one("d", 60)]);
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["b 40", "d 60"]);
});

Deno.test("what comes at once is one alert, the best first, with the latest figures", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 30));
  alerts.opportunity(one("b", 40));
  alerts.opportunity(one("a", 50));
  pass(GATHER_MS);
  assert.deepEqual(told, ["a 50, b 40"]);
});

Deno.test("alerts keep their distance, and all between are one", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("first", 30));
  pass(GATHER_MS);
  for (let at = 0; at < 10; at++) {
    alerts.opportunity(one(`${at}`, 30 + at));
    pass(DISTANCE_MS / 10 - 1);
  }
  assert.deepEqual(told, ["first 30"]);
  pass(DISTANCE_MS);
  assert.equal(told.length, 2);
  assert.equal(told[1]?.split(", ").length, 10);
});

Deno.test("one that falls back before its alert makes none, but may when it rises again", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 30));
  alerts.opportunity(one("a", 10));
  pass(GATHER_MS);
  assert.deepEqual(told, []);
  alerts.opportunity(one("a", 33));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 33"]);
});

Deno.test("a pause makes no alerts, neither then nor for what opened in it", () => {
  const { alerts, told, pass } = watching();
  alerts.watch(atLeast(20), true, []);
  alerts.opportunity(one("a", 30));
  pass(DISTANCE_MS);
  alerts.watch(atLeast(20), false, [one("a", 30)]);
  alerts.opportunity(one("a", 35));
  alerts.opportunity(one("b", 36));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["b 36"]);
});

Deno.test("a lower threshold or another filter makes no alert for what is open already", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 15));
  alerts.watch(atLeast(10), false, [one("a", 15)]);
  alerts.opportunity(one("a", 16));
  pass(DISTANCE_MS);
  alerts.watch(undefined, false, [one("a", 16)]);
  alerts.opportunity(one("b", 99));
  pass(DISTANCE_MS);
  assert.deepEqual(told, []);
});

Deno.test("a threshold that is typed passes through smaller ones, and what rises to it makes its alert", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 12));
  for (const typed of [2, 25]) alerts.watch(atLeast(typed), false, [one("a", 12)]);
  alerts.opportunity(one("a", 40));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 40"]);
  // Each makes one, whatever is typed then.
  for (const typed of [3, 30]) alerts.watch(atLeast(typed), false, [one("a", 12)]);
  alerts.opportunity(one("a", 41));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 40"]);
});

Deno.test("one whose alert was not given yet can still make it when the reader changes what to watch for", () => {
  const { alerts, told, pass } = watching();
  alerts.opportunity(one("a", 30));
  alerts.watch(atLeast(50), false, [one("a", 30)]);
  pass(DISTANCE_MS);
  alerts.opportunity(one("a", 60));
  pass(DISTANCE_MS);
  assert.deepEqual(told, ["a 60"]);
});
