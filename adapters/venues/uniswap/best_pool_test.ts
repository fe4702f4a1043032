import assert from "node:assert/strict";
import { bestPool } from "./best_pool.ts";

/** A pool with this much to either side, whose price worsens evenly by half a per cent on the way. */
function pool(name: string, fee: number, depthBase: number, price = 3000) {
  const steps = 100;
  const sizes = Array.from({ length: steps }, () => depthBase / steps);
  const worse = (step: number) => 0.005 * (step + 1) / steps;
  return {
    name,
    buy: { prices: sizes.map((_, n) => price * (1 + worse(n)) / (1 - fee)), sizes, length: steps },
    sell: { prices: sizes.map((_, n) => price * (1 - worse(n)) * (1 - fee)), sizes, length: steps },
  };
}

const empty = { prices: [], sizes: [], length: 0 };

Deno.test("of pools that are equally deep the one with the lowest fee quotes the pair", () => {
  const pools = [pool("a", 0.003, 100), pool("b", 0.0005, 100), pool("c", 0.01, 100)];
  assert.equal(bestPool(pools)!.name, "b");
});

Deno.test("a pool with a low fee and next to nothing in it does not win over a deep one", () => {
  const pools = [pool("shallow", 0.0001, 0.5), pool("deep", 0.0005, 1_000)];
  assert.equal(bestPool(pools)!.name, "deep");
  // It could take a hundredth of what the deep one shows, but loses more on it.
  assert.equal(bestPool([pool("shallow", 0.0001, 11), pool("deep", 0.0005, 1_000)])!.name, "deep");
  assert.equal(bestPool([pool("fair", 0.0001, 900), pool("deep", 0.0005, 1_000)])!.name, "fair");
});

Deno.test("what decides is the way there and back, not a price that is off to one side", () => {
  const cheap = pool("cheap", 0.01, 100, 2000);
  assert.equal(bestPool([cheap, pool("dear", 0.003, 100, 4000)])!.name, "dear");
});

Deno.test("a pool without one of its sides is none, and of none there is no best", () => {
  assert.equal(bestPool([]), undefined);
  const whole = pool("whole", 0.01, 1);
  assert.equal(bestPool([{ ...whole, buy: empty }]), undefined);
  assert.equal(bestPool([{ ...pool("half", 0.0001, 1_000), sell: empty }, whole])!.name, "whole");
});

Deno.test("of equal pools the first stays", () => {
  assert.equal(bestPool([pool("a", 0.003, 10), pool("b", 0.003, 10)])!.name, "a");
});

Deno.test("the pool that quotes already stays until another is better by a tenth of a basis point", () => {
  const present = pool("present", 0.003, 100);
  const two = (fee: number) => [pool("other", fee, 100), present];
  // A round trip pays the fee twice: 2 × 0.04 bps, 2 × 0.06 bps.
  assert.equal(bestPool(two(0.002996), present)!.name, "present");
  assert.equal(bestPool(two(0.002994), present)!.name, "other");
  assert.equal(bestPool(two(0.002996))!.name, "other", "without one that quotes the better one does");
});

Deno.test("the pool that quotes already goes at once where it has one side only, or too little", () => {
  const other = pool("other", 0.01, 1_000);
  const oneSided = { ...pool("present", 0.0005, 1_000), sell: empty };
  assert.equal(bestPool([other, oneSided], oneSided)!.name, "other");
  const shallow = pool("present", 0.0005, 5);
  assert.equal(bestPool([other, shallow], shallow)!.name, "other");
});
