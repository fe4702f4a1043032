/** Ladders between real threads: what the core reads while a worker publishes is never half of a publication. */
import assert from "node:assert/strict";
import { LadderReader, newLadders } from "../../core/app/ladders.ts";
import type { PoolQuote } from "../../core/domain/pool.ts";
import { BLOCKS, poolAt } from "./pools.ts";
import { until } from "./until.ts";
import type { Ladders } from "./workers/ladders.ts";

const LOOKS = 100_000;

Deno.test("reader sees whole publications only, and in the end the last one, while a worker publishes without a pause", async () => {
  const ladders = newLadders({ firstCell: 7, cells: 2 });
  const reader = new LadderReader(ladders);
  const words = new SharedArrayBuffer(8);
  const worker = new Worker(new URL("./workers/ladders.ts", import.meta.url), { type: "module" });
  const written = new Promise<number>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  worker.postMessage({ ladders, cell: 8, words } satisfies Ladders);
  const shared = new Int32Array(words);
  await until("it publishes", () => Atomics.load(shared, 0) > 0);
  const expected = Array.from({ length: BLOCKS }, (_, block) => poolAt(block));
  let before: PoolQuote | undefined;
  for (let look = 0; look < LOOKS; look++) {
    const pool = reader.pool(8)!;
    if (pool !== before) assert.deepEqual(pool, expected[pool.blockNumber]);
    before = pool;
  }
  Atomics.store(shared, 1, 1);
  const last = await written;
  assert.deepEqual(reader.pool(8), expected[last]);
  assert.equal(reader.pool(7), undefined);
  worker.terminate();
});
