/** Statistics, bars, recent quotes and past opportunities of the real core, from ticks that a test writes. */
import assert from "node:assert/strict";
import { readCsv } from "./csv.ts";
import { openProgram, until } from "./program.ts";

interface JsonBar {
  exchange: string;
  timestamp: number;
  minPrice: number;
  maxPrice: number;
  firstPrice: number;
  lastPrice: number;
  samples: number;
  complete: boolean;
}

async function withPrices(program: ReturnType<typeof openProgram>): Promise<void> {
  await program.quote("okx", "BTC-USDT", 100, 102);
  await program.quote("okx", "BTC-USDT", 106, 108);
  await program.quote("okx", "BTC-USDT", 102, 104);
  await program.quote("bybit", "BTC-USDT", 96, 98);
}

Deno.test("highest, lowest and average of the last minutes are over every tick", async () => {
  await using program = openProgram();
  await withPrices(program);
  const get = async (statistic: string) =>
    (await program.get(`/prices/${statistic}/BTC-USDT?period=5m`)).body;

  const highest = await get("highest");
  assert.equal(highest.price, 107);
  assert.equal(highest.exchange, "okx");
  assert.equal(highest.samples, 4);
  assert.ok(Number.isInteger(highest.timestamp) && Math.abs(highest.timestamp - Date.now()) < 60_000);
  // Before the first quote there was none.
  assert.equal(highest.complete, false);

  const lowest = await get("lowest");
  assert.deepEqual([lowest.price, lowest.exchange], [97, "bybit"]);

  const average = await get("average");
  assert.equal(average.price, (101 + 107 + 103 + 97) / 4);
  assert.equal(average.exchange, null);
  const byExchange = average.exchanges.map((one: { exchange: string; samples: number }) => [
    one.exchange,
    one.samples,
  ]);
  assert.deepEqual(byExchange, [["bybit", 1], ["okx", 3]]);

  const ofOne = (await program.get("/prices/average/okx/BTC-USDT?period=5m")).body;
  assert.deepEqual([ofOne.price, ofOne.exchange, ofOne.samples], [311 / 3, "okx", 3].map(rounded));
  assert.equal(ofOne.exchanges.length, 1);
});

const rounded = (value: string | number) => typeof value === "number" ? Number(value.toPrecision(12)) : value;

Deno.test("a symbol without a price has an empty answer for every period", async () => {
  await using program = openProgram();
  await withPrices(program);
  for (const period of ["1s", "30s", "5m", "6m", "1d"]) {
    const { status, body } = await program.get(`/prices/lowest/ETH-USDT?period=${period}`);
    assert.equal(status, 200);
    assert.deepEqual([body.price, body.samples, body.exchanges], [null, 0, []]);
    assert.equal(body.detail, `No price of ETH-USDT in the last ${period}`);
  }
  assert.equal((await program.get("/prices/lowest/ETH-USDT?period=2d")).status, 400);
});

Deno.test("the bar that is open comes last, is not complete, and has the ticks so far", async () => {
  await using program = openProgram();
  await withPrices(program);
  const { body } = await program.get("/prices/history/BTC-USDT");
  const bars: JsonBar[] = body.bars;
  // Two minutes where one ended meanwhile.
  const okx = bars.filter((bar) => bar.exchange === "okx");
  assert.ok(okx.length === 1 || okx.length === 2);
  assert.equal(okx.reduce((sum, bar) => sum + bar.samples, 0), 3);
  assert.equal(Math.max(...okx.map((bar) => bar.maxPrice)), 107);
  assert.equal(okx[0]!.firstPrice, 101);
  assert.equal(okx.at(-1)!.lastPrice, 103);
  assert.ok(bars.every((bar) => bar.timestamp % 60_000 === 0 && !bar.complete));
  const headers = { accept: "text/csv" };
  const csv = await program.app.request("/prices/history/BTC-USDT?exchange=bybit&interval=1h", { headers });
  const records = readCsv(await csv.text());
  assert.ok(records.length >= 1);
  assert.ok(records.every((one) => one.exchange === "bybit" && one.complete === "false"));
});

Deno.test("recent quotes come from the cache", async () => {
  await using program = openProgram();
  await withPrices(program);
  await until("the cache has the quote", () => program.kept.latest.get("test okx BTC-USDT")?.bid === 102);
  const { body } = await program.get("/prices/recent/okx/BTC-USDT");
  assert.equal(body.quotes.at(-1).price, 103);
  assert.deepEqual((await program.get("/prices/recent/kraken/BTC-USDT")).body.quotes, []);
});

Deno.test("an opportunity that ends is in the history with its start, its best moment and why it ended", async () => {
  await using program = openProgram();
  await program.quote("bybit", "BTC-USDT", 99.9, 100);
  await program.quote("okx", "BTC-USDT", 101, 101.1);
  await program.quote("okx", "BTC-USDT", 102, 102.1);
  await program.quote("okx", "BTC-USDT", 100, 100.1);
  const { body } = await program.get("/opportunities/history?symbol=BTC-USDT");
  assert.equal(body.mode, "test");
  assert.equal(body.nextCursor, null);
  const [one, ...more] = body.episodes;
  assert.equal(more.length, 0);
  assert.deepEqual([one.buyExchange, one.sellExchange, one.reason], ["bybit", "okx", "below_threshold"]);
  assert.deepEqual([one.buyFeeBps, one.sellFeeBps], [10, 10]);
  assert.deepEqual([one.start.sellPrice, one.peak.sellPrice], [101, 102]);
  assert.ok(one.start.time <= one.peak.time && one.peak.time <= one.end.time);
  assert.deepEqual((await program.get("/opportunities/history?symbol=ETH-USDT")).body.episodes, []);
});

Deno.test("each mode has a past of its own", async () => {
  await using program = openProgram();
  await withPrices(program);
  await program.market.switchMode("live");
  const { body } = await program.get("/prices/highest/BTC-USDT?period=5m");
  assert.equal(body.mode, "live");
  assert.equal(body.price, null);
  assert.deepEqual((await program.get("/prices/history/BTC-USDT")).body.bars, []);
});
