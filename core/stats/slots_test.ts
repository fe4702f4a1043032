import assert from "node:assert/strict";
import { seeded } from "../../tests/random.ts";
import { seed } from "../../tests/core/seed.ts";
import type { Bar } from "../domain/bar.ts";
import { newSlots, slotMsFor, SlotReader, SlotWriter } from "./slots.ts";

const OF = { mode: "live", exchange: "x", symbol: "A-B" } as const;
const START = 1_700_000_000_000;

function slots(slotMs = 100, cells = 1) {
  const memory = newSlots({ slotMs, firstCell: 7, cells });
  const reader = new SlotReader(memory);
  const bar = (from: number, to: number, now = to, cell = 7) =>
    reader.read(cell, from, to, now).toBar({ ...OF, timestamp: from }, to - from);
  return { memory, reader, writer: new SlotWriter(memory), bar };
}

/** Something that happened: a tick, or, where the price is NaN, the end of what stood. */
interface Happening {
  time: number;
  price: number;
}

/** The same figures from the definition: every tick in the range, and the price at every moment. */
function oracle(all: readonly Happening[], from: number, to: number): Partial<Bar> | undefined {
  const ticks = all.filter(({ time, price }) => time >= from && time < to && !Number.isNaN(price));
  let weighted = 0;
  let freshMs = 0;
  let stood = NaN;
  let end = NaN;
  for (const [at, { time, price }] of all.entries()) {
    const begin = Math.max(from, time);
    const ms = Math.min(to, all[at + 1]?.time ?? Infinity) - begin;
    if (time < to) end = price;
    if (ms <= 0 || Number.isNaN(price)) continue;
    weighted += price * ms;
    freshMs += ms;
    if (Number.isNaN(stood)) stood = price;
  }
  if (ticks.length === 0 && freshMs === 0) return undefined;
  const prices = ticks.length > 0 ? ticks.map(({ price }) => price) : [stood];
  return {
    samples: ticks.length,
    minPrice: Math.min(...prices),
    maxPrice: Math.max(...prices),
    firstPrice: prices[0]!,
    lastPrice: prices.at(-1)!,
    averagePrice: prices.reduce((sum, price) => sum + price, 0) / prices.length,
    ...(freshMs > 0 && { timeWeightedPrice: weighted / freshMs }),
    ...(ticks.length > 0 && {
      minTime: ticks.find(({ price }) => price === Math.min(...prices))!.time,
      maxTime: ticks.find(({ price }) => price === Math.max(...prices))!.time,
    }),
    freshMs,
    bestBid: Number.isNaN(end) ? null : end - 1,
    bestAsk: Number.isNaN(end) ? null : end + 1,
  };
}

function same(actual: Bar | undefined, expected: Partial<Bar> | undefined, about: string): void {
  if (expected === undefined) return assert.equal(actual, undefined, about);
  for (const [name, value] of Object.entries(expected)) {
    const found = actual?.[name as keyof Bar];
    const close = typeof value === "number" && typeof found === "number" &&
      Math.abs(found - value) <= 1e-9 * Math.max(1, Math.abs(value));
    assert.ok(close || found === value, `${about}: ${name} is ${found} instead of ${value}`);
  }
}

Deno.test("slots say of any range what the definition says, over seeded ticks, gaps and silences", () => {
  const random = seeded(seed);
  for (let round = 0; round < 60; round++) {
    const { writer, bar } = slots([100, 200, 500, 1000][round % 4]!);
    const slotMs = [100, 200, 500, 1000][round % 4]!;
    const all: Happening[] = [];
    let time = START + random() * 1000;
    const quiet = random() < 0.3 ? 90_000 : 900;
    for (;;) {
      time += random() < 0.1 ? 0 : random() * quiet;
      if (time > START + 300_000) break;
      const price = random() < 0.1 ? NaN : Math.round(random() * 1e4) / 100 + 1;
      if (!Number.isNaN(price)) writer.tick(7, price, price - 1, price + 1, time);
      else if (all.length > 0) writer.end(7, time);
      all.push({ time, price });
    }
    const now = START + 300_000 + random() * 5_000;
    for (let range = 0; range < 60; range++) {
      const a = START + Math.floor(random() * 300_000 / slotMs) * slotMs;
      const b = START + Math.floor(random() * 300_000 / slotMs) * slotMs;
      if (a === b) continue;
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      same(bar(from, to, now), oracle(all, from, to), `Seed ${seed}, round ${round}, ${from} to ${to}`);
    }
    // What stands at the end stands until now, and nobody knows what comes.
    const to = Math.ceil((now + 60_000) / slotMs) * slotMs;
    same(
      bar(START, to, now)!,
      { freshMs: oracle(all, START, now)!.freshMs! },
      `Seed ${seed}, round ${round}`,
    );
  }
});

Deno.test("slots know nothing of a cell that never had a price, and nothing of its neighbours", () => {
  const { writer, bar } = slots(100, 3);
  writer.end(8, START);
  writer.tick(8, 5, 4, 6, START);
  assert.equal(bar(START, START + 1000, START + 1000, 7), undefined);
  assert.equal(bar(START, START + 1000, START + 1000, 9), undefined);
  assert.equal(bar(START, START + 1000, START + 1000, 8)?.freshMs, 1000);
});

Deno.test("slots hold a quiet price for as long as it stands, however long ago it came", () => {
  const { writer, bar } = slots();
  writer.tick(7, 5, 4, 6, START);
  const later = START + 3_600_000;
  const { samples, minPrice, timeWeightedPrice, bestBid, complete } = bar(later, later + 60_000)!;
  assert.deepEqual([samples, minPrice, timeWeightedPrice, bestBid, complete], [0, 5, 5, 4, true]);
  writer.tick(7, 9, 8, 10, later + 61_000);
  assert.equal(bar(later, later + 60_000, later + 62_000)?.maxPrice, 5);
});

Deno.test("slots forget what is older than their reach, and say so by leaving it out", () => {
  const { writer, bar } = slots();
  for (let at = 0; at < 7200; at++) writer.tick(7, at + 1, at, at + 2, START + at * 100);
  const end = START + 720_000;
  assert.equal(bar(end - 300_000, end)?.samples, 3000);
  assert.equal(bar(START, START + 60_000, end), undefined);
  assert.equal(bar(START, end)?.freshMs, 329_800);
});

Deno.test("a price stands no longer than its worker, and the next worker goes on from there", () => {
  const { memory, writer, reader, bar } = slots();
  writer.tick(7, 5, 4, 6, START);
  reader.lostAt = START + 10_050;
  const lost = bar(START, START + 60_000, START + 60_000)!;
  assert.deepEqual([lost.freshMs, lost.bestBid, lost.complete], [10_050, null, false]);
  const next = new SlotWriter(memory);
  next.takeOver(reader.lostAt);
  reader.lostAt = Infinity;
  assert.equal(bar(START, START + 60_000, START + 60_000)?.freshMs, 10_050);
  next.tick(7, 7, 6, 8, START + 20_000);
  const both = bar(START, START + 60_000, START + 60_000)!;
  assert.deepEqual([both.samples, both.freshMs, both.bestBid], [2, 50_050, 6]);
});

Deno.test("a clock that goes back a little changes no slot that is behind", () => {
  const { writer, bar } = slots();
  writer.tick(7, 5, 4, 6, START + 1050);
  writer.tick(7, 6, 5, 7, START + 950);
  assert.equal(bar(START + 900, START + 1000), undefined);
  assert.deepEqual([bar(START + 1000, START + 1100)?.samples, bar(START + 1000, START + 1100)?.freshMs], [
    2,
    50,
  ]);
});

Deno.test("slots get longer with the number of cells, and always fit into a minute", () => {
  const lengths = [1, 40, 70, 100, 300, 700, 2_500, 10_000].map(slotMsFor);
  assert.deepEqual(lengths, [100, 100, 100, 200, 500, 1000, 1000, 1000]);
});

Deno.test("a clock that was set back begins anew, and nothing of before is counted into the time that comes again", () => {
  const { writer, bar } = slots();
  writer.tick(7, 5, 4, 6, START + 300_000);
  writer.tick(7, 90, 89, 91, START + 301_000);
  writer.tick(7, 7, 6, 8, START + 100_000);
  writer.tick(7, 9, 8, 10, START + 110_000);
  const { samples, minPrice, maxPrice, freshMs } = bar(START + 60_000, START + 120_000)!;
  assert.deepEqual([samples, minPrice, maxPrice, freshMs], [2, 7, 9, 20_000]);
  assert.equal(bar(START + 300_000, START + 360_000)?.samples, 0, "It has not come again yet");
});
