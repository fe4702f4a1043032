/** No quote of a pool is ever another than the contracts give after its block. */
import assert from "node:assert/strict";
import type { Quote } from "../../core/domain/quote.ts";
import { anvilTest } from "../tools/anvil.ts";
import { emulatedConfig } from "./emulated.ts";
import { marketOf, type Stage, stageOf } from "./execution.ts";
import { startExchangesWithChain } from "./exchanges.ts";
import { Contracts, poolQuotes } from "./pools_contracts.ts";
import { until } from "./process.ts";
import { startProgram } from "./program.ts";

const POOLS = ["uniswap-v2", "uniswap-v3"];

/**
 * So many blocks are looked at in each pool, and so many swaps are made in it meanwhile, beside those of the
 * market.
 */
const BLOCKS = 30;
const SWAPS = 2;
const EVERYWHERE = ["ETH-USDT", "ETH-USDC", "WBTC-USDT"];

anvilTest("no quote of a pool is another than the contracts give after its block", async () => {
  await using exchanges = await startExchangesWithChain("--block-ms", "1000");
  const config = emulatedConfig(exchanges);
  await using program = await startProgram(config);
  const contracts = await Contracts.of(exchanges, config);
  const quoted = async () =>
    (await Promise.all(EVERYWHERE.map((symbol) => poolQuotes(program, symbol)))).flat();
  const count = POOLS.length * EVERYWHERE.length;
  await until("all are quoted", quoted, ({ length }) => length === count);
  const seen = new Map<string, Quote>();
  const byPool = () => [
    ...Map.groupBy(seen.values(), ({ exchange, symbol }) => `${exchange} ${symbol}`).values(),
  ];
  const look = async () => {
    for (const quote of await quoted()) {
      const { exchange, symbol, bid, ask, pool } = quote;
      const key = `${exchange} ${symbol} ${pool!.blockNumber}`;
      const known = seen.get(key);
      if (known !== undefined) assert.deepEqual([bid, ask], [known.bid, known.ask], "A block has one quote");
      else await contracts.verify(quote);
      seen.set(key, quote);
    }
    return byPool().map(({ length }) => length);
  };
  await Promise.all([
    swapABit(await stageOf(exchanges, program, config)),
    until(
      "each pool was seen after many blocks",
      look,
      (blocks) => blocks.length === count && Math.min(...blocks) >= BLOCKS,
    ),
  ]);
  const prices = byPool().map((quotes) => new Set(quotes.map(({ bid }) => bid)).size);
  assert.ok(Math.min(...prices) > 1, `Each pool moved: ${prices}`);
});

/** Sells some base to each pool that quotes. */
async function swapABit(stage: Stage): Promise<void> {
  for (let n = 0; n < SWAPS; n++) {
    for (const exchange of POOLS) {
      for (const symbol of EVERYWHERE) {
        await stage.trader.sell(await marketOf(stage, exchange, symbol), 0.01 * (n + 1));
      }
    }
  }
}
