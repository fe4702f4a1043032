/** Statistics between real threads: what the core reads while a worker writes is never half of a change. */
import assert from "node:assert/strict";
import { newSlots, SlotReader } from "../../core/stats/slots.ts";
import type { Prices } from "./workers/prices.ts";

const START = 1_700_000_000_000;
const TICKS = 2_000_000;
const STEP_MS = 0.1;

Deno.test("reader sees whole changes only, and in the end every tick, while a worker writes without a pause", async () => {
  const slots = newSlots({ slotMs: 100, firstCell: 0, cells: 1 });
  const reader = new SlotReader(slots);
  const worker = new Worker(new URL("./workers/prices.ts", import.meta.url), { type: "module" });
  const done = new Promise<void>((resolve) => worker.onmessage = () => resolve());
  worker.postMessage({ slots, cell: 0, ticks: TICKS, startTime: START, stepMs: STEP_MS } satisfies Prices);
  const end = START + 300_000;
  const read = () => {
    const of = { mode: "live", exchange: "x", symbol: "A-B", timestamp: START } as const;
    return reader.read(0, START, end, end).toBar(of, end - START);
  };
  let looks = 0;
  let running = true;
  done.then(() => running = false);
  while (running) {
    const bar = read();
    if (bar !== undefined) {
      looks++;
      // The ticks are 1, 2, 3, …: all figures follow from their number.
      const n = bar.samples;
      assert.deepEqual([bar.minPrice, bar.maxPrice, bar.lastPrice, bar.bestAsk], [1, n, n, n + 1]);
      assert.ok(
        Math.abs(bar.averagePrice - (n + 1) / 2) < 1e-6,
        `${n} ticks have the average ${bar.averagePrice}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  worker.terminate();
  assert.ok(looks > 0, "Nothing was read while it was written");
  assert.equal(read()?.samples, TICKS);
});
