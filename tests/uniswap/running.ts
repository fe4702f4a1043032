/**
 * The feed of pools as a worker runs it, on a chain of the test's own, and what it says compared with the
 * contracts.
 */
import assert from "node:assert/strict";
import { type LogRecord, recordingLog, Rows, specOf } from "../../adapters/venues/_base/testing.ts";
import { runFeed } from "../../adapters/venues/_base/run.ts";
import { DEFAULT_TUNING, type FeedTuning } from "../../adapters/venues/_base/tuning.ts";
import { LadderReader, newLadders } from "../../core/app/ladders.ts";
import { type Telemetry, telemetryOn } from "../../core/app/telemetry.ts";
import { type Ladder } from "../../core/domain/ladder.ts";
import { type PoolQuote, topOf } from "../../core/domain/pool.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { PoolsSpec } from "../../core/ports/workers.ts";
import { quoteV2, quoteV3 } from "../../emulator/chain/trade.ts";
import type { Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";
import type { Chain } from "./chain.ts";
import { Published } from "./published.ts";

/** Blocks of the tests come when they want them: none is late. */
const BLOCK_MS = 600_000;

export interface RunningPools {
  symbols: readonly string[];
  rows: Rows;
  published: Published;
  telemetry: Telemetry;
  logs: LogRecord[];
  /** As the core would read it. */
  pool(symbol: string): PoolQuote | undefined;
  state(symbol: string): QuoteState;
  stop(): void;
  [Symbol.dispose](): void;
}

export const TUNING: FeedTuning = {
  ...DEFAULT_TUNING,
  tickMs: 20,
  backoffMs: 20,
  maxBackoffMs: 200,
  listRetryMs: 200,
  restTimeoutMs: 20_000,
  probeAfterMs: 2_000,
  silentAfterMs: 2_000,
  logEveryMs: 0,
};

/** The specification of a venue on this chain; ETH is WETH, and the other tokens are what they are called. */
export function poolsSpec(
  chain: Chain,
  { v2Factory, v3Factory, tokens }: Uniswap,
  protocol: "v2" | "v3",
  changes: Partial<PoolsSpec> = {},
): PoolsSpec {
  return {
    protocol,
    chainId: 31_337,
    wsUrls: [chain.anvil.wsUrl],
    httpUrls: [chain.anvil.url],
    factory: (protocol === "v2" ? v2Factory : v3Factory).address,
    feesPpm: protocol === "v2" ? [3000] : [100, 500, 3000, 10_000],
    blockMs: BLOCK_MS,
    gasUnits: 150_000,
    nativeAsset: "ETH",
    tokens: Object.fromEntries(
      [...tokens.values()].map(({ symbol, address }) => [symbol === "WETH" ? "ETH" : symbol, address]),
    ),
    addresses: [],
    ...changes,
  };
}

export function runPools(
  pools: PoolsSpec,
  symbols: readonly string[],
  tuning: Partial<FeedTuning> = {},
): RunningPools {
  const ladders = newLadders({ firstCell: 0, cells: symbols.length });
  const spec = specOf(symbols, { venue: "pools", feed: "pools", pools, ladders });
  const logs: LogRecord[] = [];
  const published = new Published(ladders);
  const stopFeed = runFeed(spec, {
    log: recordingLog(logs),
    tuning: { ...TUNING, ...tuning },
    random: seeded(1),
  });
  const stop = () => {
    stopFeed();
    published[Symbol.dispose]();
  };
  const rows = new Rows(spec);
  const reader = new LadderReader(ladders);
  return {
    ...{
      symbols,
      rows,
      published,
      telemetry: telemetryOn(spec.telemetry),
      logs,
      stop,
      [Symbol.dispose]: stop,
    },
    pool: (symbol) => reader.pool(symbols.indexOf(symbol)),
    state: (symbol) => rows.at(symbols.indexOf(symbol)).state,
  };
}

/** Mines until the feed quotes the newest block: its subscriptions begin some time after its start. */
export async function started(chain: Chain, running: RunningPools, symbol: string): Promise<void> {
  await until("the first quote", async () => {
    await chain.mine();
    return running.state(symbol) === QuoteState.fresh;
  });
  await current(chain, running, [symbol]);
}

/** Waits until these symbols are quoted as of the newest block. */
export async function current(
  chain: Chain,
  running: RunningPools,
  symbols: readonly string[],
): Promise<void> {
  const { number } = await chain.client.getBlock();
  await until(
    `quotes of block ${number}`,
    () =>
      symbols.every((symbol) =>
        running.state(symbol) === QuoteState.fresh && running.pool(symbol)?.blockNumber === Number(number)
      ),
  );
}

/** Compares what is quoted with what the contracts would pay, at the end of each step of both ladders. */
export async function verifyQuote(
  uniswap: Uniswap,
  running: RunningPools,
  symbol: string,
): Promise<PoolQuote> {
  const quote = running.pool(symbol)!;
  const pool = uniswap.pools.find(({ address }) => address === quote.address);
  assert.ok(pool, `${symbol} is quoted by an unknown pool ${quote.address}`);
  assert.equal(quote.feePpm, pool.feePpm);
  const [base] = symbol.split("-");
  const baseIsToken0 = pool.token0.symbol === (base === "ETH" ? "WETH" : base);
  await verifySide(uniswap, pool, baseIsToken0, quote.sell, baseIsToken0, `${symbol} sold`);
  await verifySide(uniswap, pool, !baseIsToken0, quote.buy, baseIsToken0, `${symbol} bought`);
  const { bid, ask, bidSize, askSize } = running.rows.at(running.symbols.indexOf(symbol));
  const { mid } = quote;
  assert.deepEqual({ bid, bidSize, ask, askSize }, topOf(quote), symbol);
  assert.ok(bid! < mid && mid < ask!, `${symbol}: ${bid} < ${mid} < ${ask}`);
  assert.ok(quote.gasNative > 0, "gas is known");
  return quote;
}

async function verifySide(
  uniswap: Uniswap,
  pool: Pool,
  zeroForOne: boolean,
  { prices, sizes, length }: Ladder,
  baseIsToken0: boolean,
  what: string,
): Promise<void> {
  const sells = zeroForOne === baseIsToken0;
  assert.ok(length > 0, what);
  let base = 0;
  let quote = 0;
  const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  await Promise.all(Array.from({ length }, async (_, step) => {
    base += sizes[step]!;
    quote += sizes[step]! * prices[step]!;
    const [given, got] = sells ? [base, quote] : [quote, base];
    const amountIn = BigInt(Math.round(given * 10 ** tokenIn.decimals));
    const amountOut = pool.version === 2
      ? await quoteV2(uniswap, pool, zeroForOne, amountIn)
      : (await quoteV3(uniswap, pool, zeroForOne, amountIn)).amountOut;
    const off = Math.abs(got * 10 ** tokenOut.decimals - Number(amountOut));
    assert.ok(off <= 2 + 1e-12 * Number(amountOut), `${what}, step ${step}: off by ${off} of ${amountOut}`);
  }));
}
