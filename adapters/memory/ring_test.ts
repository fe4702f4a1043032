import assert from "node:assert/strict";
import type { Quote } from "../../core/domain/quote.ts";
import { RECENT_QUOTES } from "../../core/ports/cache.ts";
import { RecentRing, SLOT_MS } from "./ring.ts";

const START = 1_700_000_000_000;

function quote(receivedTime: number, bid: number | null = receivedTime): Quote {
  const rest = { bidSize: 1, ask: null, askSize: null, price: 3, exchangeTime: null };
  return { exchange: "okx", symbol: "BTC-USDT", bid, ...rest, receivedTime, fresh: true };
}
const times = (ring: RecentRing, from = 0, to = Infinity, limit?: number) =>
  ring.between("okx", "BTC-USDT", from, to, limit).map(({ receivedTime }) => receivedTime - START);

Deno.test("ring keeps the latest quote of each half second", () => {
  const ring = new RecentRing();
  for (const at of [0, 100, 499.875, 500, 999, 1700]) assert.equal(ring.put(quote(START + at)), true);
  assert.deepEqual(times(ring), [499.875, 999, 1700]);
  ring.put({ ...quote(START + 1700), fresh: false });
  assert.equal(ring.between("okx", "BTC-USDT", START + 1700)[0]!.fresh, false);
  assert.equal(ring.length, 3);
});

Deno.test("ring holds so many and no more, however many come, and gives them in order", () => {
  const ring = new RecentRing();
  const seen: number[] = [];
  for (let n = 0; n < RECENT_QUOTES * 3 + 7; n++) {
    ring.put(quote(START + n * SLOT_MS));
    seen.push(n * SLOT_MS);
    if (n % 61 === 0) assert.deepEqual(times(ring), seen.slice(-RECENT_QUOTES));
  }
  assert.equal(ring.length, RECENT_QUOTES);
  assert.deepEqual(times(ring), seen.slice(-RECENT_QUOTES));
});

Deno.test("ring finds a stretch of time: its begin counts, its end does not", () => {
  const ring = new RecentRing();
  for (let n = 0; n < 20; n++) ring.put(quote(START + n * 1000));
  assert.deepEqual(times(ring, START + 3000, START + 6000), [3000, 4000, 5000]);
  assert.deepEqual(times(ring, START + 2999.5, Infinity, 2), [3000, 4000]);
  assert.deepEqual(times(ring, START + 20_000), []);
  assert.deepEqual(times(new RecentRing()), []);
});

Deno.test("ring drops what a clock that is set back leaves in the future, and says so", () => {
  const ring = new RecentRing();
  for (let n = 0; n < 10; n++) ring.put(quote(START + n * 1000));
  assert.equal(ring.put(quote(START + 4200)), false);
  assert.deepEqual(times(ring), [0, 1000, 2000, 3000, 4200]);
  assert.equal(ring.lastTime, START + 4200);
});
