import assert from "node:assert/strict";
import type { Bar } from "../domain/bar.ts";
import type { Mode } from "../domain/mode.ts";
import { Minutes, type MinuteSource } from "./minutes.ts";
import { newSlots, SlotReader, SlotWriter } from "./slots.ts";

/** The begin of a minute. */
const START = 1_700_000_040_000;

function source(mode: Mode = "live", exchange = "x") {
  const memory = newSlots({ slotMs: 100, firstCell: 0, cells: 1 });
  const slots = new SlotReader(memory);
  const of: MinuteSource = { mode, exchanges: [{ id: exchange, firstCell: 0 }], symbols: ["A-B"], slots };
  const writer = new SlotWriter(memory);
  const tick = (price: number, time: number) => writer.tick(0, price, price - 1, price + 1, time);
  return { of, slots, writer, tick };
}

function bench(now = START) {
  const sources: MinuteSource[] = [];
  const kept: Bar[][] = [];
  let checkpoint: readonly Bar[] = [];
  const minutes = new Minutes(() => sources, {
    keep: (bars) => kept.push([...bars]),
    checkpoint: (bars) => checkpoint = bars,
  }, now);
  /** Looks every second up to a moment, as the program does. */
  let at = now;
  const lookUntil = (end: number) => {
    while (at < end) minutes.look(at = Math.min(end, at + 1000));
  };
  const bars = (from: number, now: number, mode: Mode = "live", exchanges = ["x", "y"]) =>
    minutes.bars({ mode, symbol: "A-B", exchanges, from }, now);
  return { sources, kept, minutes, lookUntil, bars, checkpoint: () => checkpoint };
}

const brief = (bars: readonly Bar[]) =>
  bars.map((bar) => [bar.timestamp - START, bar.samples, bar.freshMs, bar.complete]);

Deno.test("a minute closes two seconds after it ended, once, and what came late is in it", () => {
  const { sources, kept, lookUntil } = bench();
  const { of, tick } = source();
  sources.push(of);
  tick(10, START);
  lookUntil(START + 61_000);
  assert.equal(kept.length, 0);
  // Written late: the worker was busy when it came.
  tick(30, START + 59_900);
  lookUntil(START + 62_000);
  assert.equal(kept.length, 1);
  const [bar] = kept[0]!;
  assert.deepEqual(
    [bar!.timestamp, bar!.minPrice, bar!.maxPrice, bar!.samples, bar!.complete, bar!.mode, bar!.exchange],
    [START, 10, 30, 2, true, "live", "x"],
  );
  lookUntil(START + 121_900);
  assert.equal(kept.length, 1);
  lookUntil(START + 182_000);
  assert.deepEqual(kept.map((bars) => brief(bars)[0]), [
    [0, 2, 60_000, true],
    [60_000, 0, 60_000, true],
    [120_000, 0, 60_000, true],
  ]);
});

Deno.test("a minute in which the quote did not stand throughout is not complete, and one without any is left out", () => {
  const { sources, kept, lookUntil } = bench();
  const { of, tick, writer } = source();
  sources.push(of);
  tick(10, START + 500);
  writer.end(0, START + 90_000);
  lookUntil(START + 200_000);
  assert.deepEqual(kept.flatMap(brief), [[0, 1, 59_500, false], [60_000, 0, 30_000, false]]);
});

Deno.test("open minute is in every checkpoint, and never complete there", () => {
  const { sources, lookUntil, checkpoint } = bench(START + 1_000);
  const { of, tick } = source();
  sources.push(of);
  tick(10, START);
  lookUntil(START + 6_000);
  assert.deepEqual(brief(checkpoint()), [[0, 1, 6_000, false]]);
  lookUntil(START + 61_000);
  // Over, but not closed: both minutes are open.
  assert.deepEqual(brief(checkpoint()).map(([from, , , complete]) => [from, complete]), [[0, false], [
    60_000,
    false,
  ]]);
});

Deno.test("parts of a minute from before and after a change of mode become one bar of each mode", () => {
  const { sources, kept, minutes, lookUntil } = bench();
  const first = source("live");
  const test = source("test");
  const again = source("live");
  sources.push(first.of);
  first.tick(10, START);
  lookUntil(START + 10_000);
  first.slots.lostAt = START + 10_000;
  minutes.part([first.of], START + 10_000);
  sources.splice(0, 1, test.of);
  test.tick(99, START + 12_000);
  lookUntil(START + 20_000);
  test.slots.lostAt = START + 20_000;
  minutes.part([test.of], START + 20_000);
  sources.splice(0, 1, again.of);
  again.tick(40, START + 30_000);
  again.tick(20, START + 40_000);
  lookUntil(START + 62_000);
  const [live, made] = kept.flat();
  assert.deepEqual([live!.mode, ...brief([live!])[0]!], ["live", 0, 3, 40_000, false]);
  assert.deepEqual([live!.minPrice, live!.maxPrice, live!.firstPrice, live!.lastPrice], [10, 40, 10, 20]);
  assert.equal(live!.averagePrice, 70 / 3);
  assert.equal(live!.timeWeightedPrice, (10 * 10 + 10 * 40 + 20 * 20) / 40);
  assert.deepEqual([made!.mode, ...brief([made!])[0]!], ["test", 0, 1, 8_000, false]);
});

Deno.test("what a run before this one knew of the open minute becomes part of it", () => {
  const before = bench();
  const one = source();
  before.sources.push(one.of);
  one.tick(10, START);
  before.lookUntil(START + 10_000);
  one.slots.lostAt = START + 10_000;
  before.minutes.stop(START + 10_000);
  assert.deepEqual(before.kept.flatMap(brief), [[0, 1, 10_000, false]]);

  const after = bench(START + 15_000);
  const two = source();
  after.sources.push(two.of);
  after.minutes.recover(before.checkpoint());
  two.tick(30, START + 20_000);
  after.lookUntil(START + 62_000);
  const bar = after.kept[0]![0]!;
  assert.deepEqual([bar.samples, bar.minPrice, bar.maxPrice, bar.freshMs], [2, 10, 30, 50_000]);
  assert.equal(bar.complete, false);

  const late = bench(START + 70_000);
  late.minutes.recover(before.checkpoint());
  late.lookUntil(START + 200_000);
  assert.deepEqual(
    late.kept.flatMap(brief),
    [[0, 1, 10_000, false]],
    "A minute that is over is kept as it is",
  );
});

Deno.test("minutes in which the process stood still are not invented", () => {
  const { sources, kept, minutes, lookUntil } = bench();
  const { of, tick } = source();
  sources.push(of);
  tick(10, START);
  lookUntil(START + 65_000);
  // The machine sleeps, the worker with it; what it left standing nobody has seen.
  tick(11, START + 66_000);
  minutes.look(START + 400_000);
  assert.deepEqual(kept.flatMap(brief), [[0, 1, 60_000, true], [60_000, 1, 60_000, false]]);
});

Deno.test("minutes are held for ten minutes, with the open one last", () => {
  const { sources, minutes, lookUntil, bars } = bench();
  const [x, y] = [source("live", "x"), source("live", "y")];
  sources.push(y.of, x.of);
  x.tick(10, START);
  y.tick(20, START);
  lookUntil(START + 185_000);
  assert.equal(minutes.heldFrom, START);
  assert.deepEqual(
    bars(START, START + 185_000).map((bar) => [bar.timestamp - START, bar.exchange, bar.complete]),
    [
      [0, "x", true],
      [0, "y", true],
      [60_000, "x", true],
      [60_000, "y", true],
      [120_000, "x", true],
      [120_000, "y", true],
      [180_000, "x", false],
      [180_000, "y", false],
    ],
  );
  assert.deepEqual(bars(START, START + 185_000, "test"), []);
  assert.deepEqual(bars(START + 180_000, START + 185_000, "live", ["y"]).map((bar) => bar.exchange), ["y"]);
  lookUntil(START + 1_502_000);
  assert.equal(minutes.heldFrom, START + 900_000);
  assert.equal(bars(START, START + 1_502_000, "live", ["x"]).length, 11);
});

Deno.test("minutes that come twice because the clock was set back are not complete, and the ones after are", () => {
  const { sources, kept, minutes, lookUntil } = bench();
  const { of, tick } = source();
  sources.push(of);
  tick(10, START);
  lookUntil(START + 200_000);
  assert.deepEqual(kept.flatMap(brief).map(([from, , , complete]) => [from, complete]), [
    [0, true],
    [60_000, true],
    [120_000, true],
  ]);
  // Back to the second of them; the worker starts over, too.
  tick(50, START + 80_000);
  for (let at = START + 80_000; at < START + 400_000; at += 1000) minutes.look(at);
  assert.deepEqual(kept.slice(3).flatMap(brief), [
    [60_000, 1, 60_000, false],
    [240_000, 0, 60_000, true],
    [300_000, 0, 60_000, true],
  ]);
});
