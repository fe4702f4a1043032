/** Keeps a bar and reads it, as a process with the permissions of the program. Arguments: address, data folder. */
import { openHistory, openReading } from "../../adapters/history/open.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { HistoryError } from "../../core/ports/history.ts";

const [url, dataDir] = Deno.args as [string, string];
const history = openHistory(url, { dataDir });
const reading = openReading(url, { dataDir });
const timestamp = Date.UTC(2026, 6, 1);
const bar: Bar = {
  mode: "live",
  exchange: "kraken",
  symbol: "BTC-USDT",
  timestamp,
  averagePrice: 2,
  timeWeightedPrice: 2,
  minPrice: 1,
  maxPrice: 3,
  minTime: timestamp,
  maxTime: timestamp,
  firstPrice: 1,
  lastPrice: 3,
  samples: 2,
  bestBid: 2.9,
  bestAsk: 3.1,
  freshMs: 60_000,
  complete: true,
};
try {
  await history.migrate();
  await history.write({ minutes: [bar], episodes: [] });
  const rows = new Float64Array([0, 1, 1, 1, 2, 1, 1.5, NaN, timestamp, 1]);
  await history.writeQuotes({ mode: "live", exchanges: ["kraken"], symbols: ["BTC-USDT"], rows });
  const query = { mode: "live", symbol: "BTC-USDT", from: 0, to: timestamp + 1 } as const;
  const pages = await Array.fromAsync(reading.bars({ ...query, interval: "1h" }));
  await history.removeOld({ minutes: 1, quotes: 1, episodes: 1 }, timestamp);
  console.log(JSON.stringify({ bars: pages.flat().length }));
} catch (error) {
  if (!(error instanceof HistoryError)) throw error;
  console.log(JSON.stringify({ kind: error.kind, message: error.message }));
} finally {
  await reading.close();
  await history.close();
}
