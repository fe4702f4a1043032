import assert from "node:assert/strict";
import type { Bar } from "../../core/domain/bar.ts";
import { merge } from "./bars.ts";

const bar = (exchange: string, timestamp: number, samples = 1) => ({ exchange, timestamp, samples }) as Bar;
const keys = (bars: readonly Bar[]) => bars.map((one) => `${one.timestamp} ${one.exchange} ${one.samples}`);

Deno.test("a later bar replaces the one of its time and exchange, and the order is kept", () => {
  const merged = merge([bar("okx", 0), bar("bybit", 60), bar("okx", 60)], [
    bar("okx", 60, 2),
    bar("bybit", 120),
  ], 0);
  assert.deepEqual(keys(merged), ["0 okx 1", "60 bybit 1", "60 okx 2", "120 bybit 1"]);
});

Deno.test("bars that begin before the window are dropped, so that a page left open does not grow", () => {
  let bars: Bar[] = [];
  for (let minute = 0; minute < 1000; minute++) bars = merge(bars, [bar("okx", minute)], minute - 10);
  assert.deepEqual(keys(bars).length, 11);
});
