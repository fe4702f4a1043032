/** Statistics between real threads: what the core reads while a worker writes is never half of a change. */
import assert from "node:assert/strict";
import { newSlots, SlotReader } from "../../core/stats/slots.ts";
import { until } from "./until.ts";
import type { Prices } from "./workers/prices.ts";

const START = 1_700_000_000_000;
const LOOKS = 20_000;

Deno.test("reader sees whole changes only, and in the end every tick, while a worker writes without a pause", async () => {
  const slots = newSlots({ slotMs: 100, firstCell: 0, cells: 1 });
  const reader = new SlotReader(slots);
  const end = START + 300_000;
  const read = () => {
    const of = { mode: "live", exchange: "x", symbol: "A-B", timestamp: START } as const;
    return reader.read(0, START, end, end).toBar(of, end - START)!;
  };
  const words = new SharedArrayBuffer(8);
  const worker = new Worker(new URL("./workers/prices.ts", import.meta.url), { type: "module" });
  const written = new Promise<number>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.postMessage({ slots, cell: 0, startTime: START, stepMs: 0.001, words } satisfies Prices);
  const shared = new Int32Array(words);
  await until("it writes", () => Atomics.load(shared, 0) > 0);
  for (let look = 0; look < LOOKS; look++) {
    // The ticks are 1, 2, 3, …: all figures follow from their number.
    const { samples: n, minPrice, maxPrice, lastPrice, bestAsk, averagePrice } = read();
    assert.deepEqual([minPrice, maxPrice, lastPrice, bestAsk], [1, n, n, n + 1]);
    assert.ok(
      Math.abs(averagePrice / ((n + 1) / 2) - 1) < 1e-9,
      `${n} ticks have the average ${averagePrice}`,
    );
  }
  Atomics.store(shared, 1, 1);
  assert.equal(read().samples <= await written, true);
  assert.equal(read().samples, await written);
  worker.terminate();
});
