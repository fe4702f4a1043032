import assert from "node:assert/strict";
import { type Ladder, upTo } from "./ladder.ts";

const ladder = (...steps: [price: number, sizeBase: number][]): Ladder => ({
  prices: steps.map(([price]) => price),
  sizes: steps.map(([, size]) => size),
  length: steps.length,
});

Deno.test("as much is taken as stays within the impact, at the mean price, whether prices rise or fall", () => {
  const asks = ladder([100, 1], [100.01, 2], [100.02, 4]);
  assert.deepEqual(upTo(asks, 1.000001), { price: (100 + 200.02) / 3, sizeBase: 3 });
  assert.deepEqual(upTo(asks, 0.5), { price: 100, sizeBase: 1 });
  assert.equal(upTo(asks, 5).sizeBase, 7, "all of it");
  const bids = ladder([100, 1], [99.995, 2], [99.98, 4]);
  assert.deepEqual(upTo(bids, 1), { price: (100 + 199.99) / 3, sizeBase: 3 });
});

Deno.test("a ladder without steps has no price", () => {
  assert.deepEqual(upTo(ladder(), 1), { price: NaN, sizeBase: NaN });
});
