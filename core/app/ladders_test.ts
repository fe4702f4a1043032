import assert from "node:assert/strict";
import type { PoolQuote } from "../domain/pool.ts";
import { LadderReader, LadderWriter, MAX_STEPS, newLadders } from "./ladders.ts";

const ladder = (steps: number, from: number) => ({
  prices: Float64Array.from({ length: steps }, (_, n) => from + n),
  sizes: Float64Array.from({ length: steps }, (_, n) => 0.1 * (n + 1)),
  length: steps,
});

const pool = (blockNumber: number, steps = 3): PoolQuote => ({
  address: "0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640",
  feePpm: 500,
  blockNumber,
  blockTime: 1_790_000_000_000 + blockNumber,
  mid: 3000.5,
  gasNative: 0.002,
  buy: ladder(steps, 3001),
  sell: ladder(steps, 2000),
});

Deno.test("ladders arrive as they were published, for each cell by itself", () => {
  const memory = newLadders({ firstCell: 40, cells: 3 });
  const writer = new LadderWriter(memory);
  const reader = new LadderReader(memory);
  assert.equal(reader.pool(41), undefined, "nothing was published");
  writer.publish(41, pool(7));
  assert.deepEqual(reader.pool(41), pool(7));
  assert.equal(reader.pool(41), reader.pool(41), "what did not change is read once");
  assert.equal(reader.pool(40), undefined);
  for (const block of [8, 9, 10]) {
    writer.publish(41, pool(block, block - 5));
    assert.deepEqual(reader.pool(41), pool(block, block - 5));
  }
});

Deno.test("an address with leading zeros in its words comes back whole", () => {
  const memory = newLadders({ firstCell: 0, cells: 1 });
  const address = "0x00000001000000000abcdef000000000ffffffff";
  new LadderWriter(memory).publish(0, { ...pool(1), address });
  assert.equal(new LadderReader(memory).pool(0)!.address, address);
});

Deno.test("a ladder that is too long ends earlier", () => {
  const memory = newLadders({ firstCell: 0, cells: 1 });
  new LadderWriter(memory).publish(0, pool(1, MAX_STEPS + 5));
  const { buy, sell } = new LadderReader(memory).pool(0)!;
  assert.deepEqual([buy, sell], [ladder(MAX_STEPS, 3001), ladder(MAX_STEPS, 2000)]);
});

Deno.test("a publication that is under way is not seen", () => {
  const memory = newLadders({ firstCell: 0, cells: 1 });
  new LadderWriter(memory).publish(0, pool(1));
  // As a writer would be stopped in the middle of the next one: the other place is half written.
  new Float64Array(memory.places).subarray(0, new Float64Array(memory.places).length / 2).fill(-1);
  assert.deepEqual(new LadderReader(memory).pool(0), pool(1));
});
