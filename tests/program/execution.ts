/**
 * Does by hand what an opportunity promises, at the shown size: swaps on the chain, a market order walked
 * through the book that the exchange sends. The market stands still meanwhile, so what is shown is what is
 * there.
 */
import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { type EmulatedConfig, gasUnitsOf } from "./emulated.ts";
import { bookOf, walk } from "./execution_book.ts";
import { gasNative, type Market, Trader } from "./execution_pool.ts";
import { type Exchanges, type VenueId, VENUES } from "./exchanges.ts";
import { until } from "./process.ts";
import type { Program } from "./program.ts";

export interface Stage {
  exchanges: Exchanges;
  program: Program;
  config: EmulatedConfig;
  trader: Trader;
  /** In basis points, by exchange. */
  takerFees: ReadonlyMap<string, number>;
}

type Side = "buy" | "sell";

const CHAIN = "31337";
const V2 = "uniswap-v2";
const A_LITTLE = 0.001;

/** A leg as it was done. In quote currency; without gas, which is of the whole. */
export interface LegDone {
  exchange: string;
  /** Price before any size and any fee. */
  mid: number;
  /** What was paid or received, without a taker fee. */
  quote: number;
  takerFeeQuote: number;
  /** Where it is a pool: its fee of what goes in, what the exact other way round gives, and gas. */
  pool?: PoolDone;
}

export interface PoolDone {
  feePpm: number;
  gasUnits: number;
  gasUsed: number;
  /** Of `gasUnits`, and of `gasUsed`. */
  gasQuote: number;
  gasPaidQuote: number;
  boughtBase?: number;
}

export interface Done {
  shown: Opportunity;
  buy: LegDone;
  sell: LegDone;
  /** The smallest amounts of both tokens that can be traded, in quote currency. */
  dustQuote: number;
}

export async function stageOf(
  exchanges: Exchanges,
  program: Program,
  config: EmulatedConfig,
): Promise<Stage> {
  const { routers } = await exchanges.control<{ routers: { v2: string; v3: string } }>("GET", "/chain");
  const trader = await Trader.at(`http://127.0.0.1:${exchanges.ports.chain}`, routers);
  const takerFees = new Map((await program.venues()).map(({ id, takerFeeBps }) => [id, takerFeeBps]));
  return { exchanges, program, config, trader, takerFees };
}

/**
 * Swaps a little in each pool of v2. The first swap in the life of a pair takes a quarter more gas than all
 * that follow, since its sums of prices are written where nothing stood before.
 */
export async function touchPairs(stage: Stage): Promise<void> {
  const quotes = await Promise.all(stage.config.symbols.map((symbol) => stage.program.quote(V2, symbol)));
  for (const quote of quotes) {
    if (quote !== undefined) await stage.trader.sell(await marketOf(stage, V2, quote.symbol), A_LITTLE);
  }
}

export function versionOf(exchange: string): 2 | 3 | undefined {
  return exchange === V2 ? 2 : exchange === "uniswap-v3" ? 3 : undefined;
}

/** Blocks after which all that is shown rests on the market as it stands, the price of gas too. */
const SETTLING_BLOCKS = 3;

/** Lets nothing move any more, and waits until everything that moved before is shown. */
export async function freeze({ exchanges, trader }: Stage): Promise<void> {
  await exchanges.control("POST", "/freeze");
  const from = await trader.blockNumber();
  await until("some blocks passed", () => trader.blockNumber(), (now) => now >= from + SETTLING_BLOCKS);
}

export async function thaw({ exchanges }: Stage): Promise<void> {
  await exchanges.control("POST", "/thaw");
}

/**
 * The open opportunities, once they are the same after two blocks, of which each is the newest that the chain
 * has and the one at which all pools are known. What the coin for gas is worth may still change with the
 * first of them, and is counted with the second.
 */
export async function standing(stage: Stage): Promise<Opportunity[]> {
  const { program, trader } = stage;
  let last = { number: 0, open: "" };
  const found = await until("what is shown is what stands", async () => {
    const number = await trader.blockNumber();
    if (number === last.number) return undefined;
    const quotes = await Promise.all(stage.config.symbols.map((symbol) => program.quotes(symbol)));
    const opportunities = await program.opportunities();
    const known = quotes.flat().every(({ pool }) => pool === undefined || pool.blockNumber === number);
    if (!known || await trader.blockNumber() !== number) return undefined;
    const open = JSON.stringify(opportunities);
    const same = open === last.open;
    last = { number, open };
    return same ? opportunities : undefined;
  });
  return found!;
}

/** Does both legs of an opportunity that stands, after all of it was read from the chain and the exchanges. */
export async function execute(stage: Stage, shown: Opportunity): Promise<Done> {
  const [buy, sell] = await Promise.all([plan(stage, shown, "buy"), plan(stage, shown, "sell")]);
  const native = await nativePrice(stage, shown.symbol);
  const now = (await standing(stage)).find(({ id }) => id === shown.id);
  assert.deepEqual(now, shown, "Nothing moved meanwhile");
  const done = { shown, buy: await buy(native), sell: await sell(native) };
  return { ...done, dustQuote: await dustOf(stage, shown) };
}

async function dustOf(
  stage: Stage,
  { symbol, buyExchange, sellExchange, buyPrice }: Opportunity,
): Promise<number> {
  const pool = versionOf(buyExchange) === undefined ? sellExchange : buyExchange;
  const { baseDecimals, quoteDecimals } = await marketOf(stage, pool, symbol);
  return buyPrice * 10 ** -baseDecimals + 2 * 10 ** -quoteDecimals;
}

/** The pool that quotes a symbol, with what its contracts say of it. */
export async function marketOf(
  { program, trader, config }: Stage,
  exchange: string,
  symbol: string,
): Promise<Market> {
  const { pool } = (await program.quote(exchange, symbol))!;
  const [base, quote] = symbol.split("-").map((asset) => config.chains[CHAIN]!.tokens[asset]!);
  return await trader.market(versionOf(exchange)!, pool!.address, base!, quote!);
}

/** The coin that gas is paid in, in the quote currency of a symbol: the median of what everybody says. */
async function nativePrice({ program }: Stage, symbol: string): Promise<number> {
  const quotes = await program.quotes(`ETH-${symbol.split("-")[1]}`);
  const prices = quotes.flatMap(({ fresh, price }) => fresh && price !== null ? price : []).sort((a, b) =>
    a - b
  );
  assert.ok(prices.length > 0, "Somebody quotes the coin that pays for gas");
  return (prices[(prices.length - 1) >> 1]! + prices[prices.length >> 1]!) / 2;
}

/** Reads what a leg needs; what is returned does it. */
async function plan(
  stage: Stage,
  { symbol, buyExchange, sellExchange, sizeBase, buyPrice }: Opportunity,
  side: Side,
): Promise<(native: number) => Promise<LegDone>> {
  const exchange = side === "buy" ? buyExchange : sellExchange;
  const { trader, exchanges, takerFees } = stage;
  if (versionOf(exchange) !== undefined) {
    const market = await marketOf(stage, exchange, symbol);
    const mid = await trader.mid(market);
    const gasUnits = gasUnitsOf(exchange);
    return async (native) => {
      const boughtBase = side === "buy" ? await trader.wouldBuy(market, sizeBase * buyPrice) : undefined;
      const swapped = side === "buy"
        ? await trader.buy(market, sizeBase)
        : await trader.sell(market, sizeBase);
      const { quote, gasUsed, gasPrice } = swapped;
      const costOf = (units: number) => gasNative(units, gasPrice) * native;
      const gas = { gasUnits, gasUsed, gasQuote: costOf(gasUnits), gasPaidQuote: costOf(gasUsed) };
      const pool = { feePpm: market.feePpm, ...gas, ...(boughtBase && { boughtBase }) };
      return { exchange, mid, quote, takerFeeQuote: 0, pool };
    };
  }
  assert.ok((VENUES as readonly string[]).includes(exchange), `Nobody can trade on ${exchange}`);
  const book = await bookOf(exchange as VenueId, exchanges.ports[exchange]!, symbol);
  const levels = side === "buy" ? book.asks : book.bids;
  return () => {
    const quote = walk(levels, sizeBase);
    assert.ok(quote !== undefined, `${exchange} has ${sizeBase} of ${symbol}`);
    const takerFeeQuote = quote * takerFees.get(exchange)! / 10_000;
    return Promise.resolve({ exchange, mid: levels[0]![0], quote, takerFeeQuote });
  };
}
