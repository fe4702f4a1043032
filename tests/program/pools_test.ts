/**
 * What becomes of the program when something happens to the chain: pools are not quoted while it is not known how they stand,
 * all else goes on, and no quote of a pool is ever another than the contracts give after its block.
 */
import assert from "node:assert/strict";
import type { CloseReason } from "../../core/domain/opportunity.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { anvilTest } from "../tools/anvil.ts";
import { emulatedConfig, withoutSources } from "./emulated.ts";
import { marketOf, type Stage as TradingStage, stageOf } from "./execution.ts";
import { type Exchanges, startExchangesWithChain, VENUES } from "./exchanges.ts";
import { Contracts } from "./pools_contracts.ts";
import { until } from "./process.ts";
import { type Program, startProgram } from "./program.ts";
import { Stream } from "./stream.ts";

const POOLS = ["uniswap-v2", "uniswap-v3"];
/** The second one is quoted by pools, too. */
const SYMBOLS = ["BTC-USDT", "ETH-USDT"];
const POOL_SYMBOL = "ETH-USDT";
const BOOKS = VENUES.length;
const ROUTES = BOOKS * (BOOKS - 1) + (BOOKS + POOLS.length) * (BOOKS + POOLS.length - 1);

interface Stage {
  exchanges: Exchanges;
  program: Program;
  stream: Stream;
  contracts: Contracts;
}

/** The program on all exchanges and the chain; every route is open, so a fault always ends some, and the market does not. */
async function withChain(run: (stage: Stage) => Promise<void>): Promise<void> {
  await using exchanges = await startExchangesWithChain("--block-ms", "1000", "--symbols", SYMBOLS.join(","));
  const config = withoutSources(emulatedConfig(exchanges));
  await using program = await startProgram({
    ...config,
    symbols: SYMBOLS,
    screener: { minNetBps: -9000, hysteresisBps: 900 },
  });
  await using stream = await Stream.connect(program.url);
  const stage = { exchanges, program, stream, contracts: await Contracts.of(exchanges, config) };
  await healthy(stage);
  await run(stage);
}

async function healthy({ program, stream, contracts }: Stage): Promise<void> {
  await until(
    "every venue delivers",
    () => program.health(),
    ({ status, venues }) => status === "ok" && venues.every(delivers),
  );
  await until("every route is open", () => stream.open.size, (size) => size === ROUTES);
  const from = await contracts.blockNumber();
  await until(
    "pools are quoted as they stand after new blocks",
    () => pools(program),
    (quotes) => quotes.length === POOLS.length && quotes.every(({ pool }) => pool!.blockNumber > from),
  );
  for (const quote of await pools(program)) await contracts.verify(quote);
}

const delivers = ({ id, freshQuotes }: { id: string; freshQuotes: number }) =>
  freshQuotes === (POOLS.includes(id) ? 1 : SYMBOLS.length);

async function pools(program: Program, symbol = POOL_SYMBOL): Promise<Quote[]> {
  return (await program.quotes(symbol)).filter(({ pool, fresh }) => pool !== undefined && fresh);
}

const touchesPool = (one: { buyExchange: string; sellExchange: string }) =>
  POOLS.includes(one.buyExchange) || POOLS.includes(one.sellExchange);

const others = ({ stream }: Stage) =>
  [...stream.open.values()].filter((one) => !touchesPool(one)).map(({ id }) => id).sort();

/** Whatever closes because nobody knows how a pool stands. */
const UNKNOWN: readonly CloseReason[] = ["leg_stale", "leg_withdrawn", "worker_down"];

/** Only what touches pools closed since, and because they were not known; the rest was open all the time. */
function assertOthersWentOn(stage: Stage, before: readonly string[], since: number): void {
  const closed = stage.stream.closed.slice(since);
  assert.ok(closed.every(touchesPool), "Only what touches a pool closed");
  for (const { reason } of closed) assert.ok(UNKNOWN.includes(reason), reason);
  assert.deepEqual(others(stage), before);
}

/** Runs a fault through which nobody can know how pools stand, and ends it. */
async function unknown(
  stage: Stage,
  begin: () => Promise<unknown>,
  end: () => Promise<unknown>,
): Promise<void> {
  const { program, stream } = stage;
  const [before, since] = [others(stage), stream.closed.length];
  const venues = await program.venues();
  await begin();
  await until(
    "no pool is quoted",
    () => program.venues(),
    (all) => all.every(({ id, freshQuotes }) => !POOLS.includes(id) || freshQuotes === 0),
  );
  assert.deepEqual((await program.opportunities()).filter(touchesPool), []);
  await until("nothing open touches a pool", () => ![...stream.open.values()].some(touchesPool));
  assert.equal(stream.closed.length - since, ROUTES - before.length);
  await until("it is said which venues do not deliver, and how they are", async () => {
    const { status, problems } = await program.health();
    assert.deepEqual([status, ...problems.map((problem) => problem.split(" ")[1])], ["degraded", ...POOLS]);
    return problems.every((problem) => /^Venue \S+ is (?:silent|disconnected|connecting)$/u.test(problem));
  });
  await until("frames of the others go on", async () => {
    const now = await program.venues();
    return venues.every(({ id, frames }) =>
      POOLS.includes(id) || now.find((venue) => venue.id === id)!.frames > frames
    );
  });
  assertOthersWentOn(stage, before, since);
  await end();
  await healthy(stage);
  assertOthersWentOn(stage, before, since);
  for (const { id, restarts, malformed, reconnects } of await program.venues()) {
    const was = venues.find((venue) => venue.id === id)!;
    assert.deepEqual([id, restarts, malformed], [id, was.restarts, was.malformed]);
    if (!POOLS.includes(id)) assert.equal(reconnects, was.reconnects);
  }
}

anvilTest(
  "a chain whose node is gone or stands still makes no opportunity until it is back; exchanges do not notice",
  async () => {
    await withChain(async (stage) => {
      const fault = (name: string) => () => stage.exchanges.control("POST", `/chain/${name}`);
      await unknown(stage, fault("kill"), fault("start"));
      await unknown(stage, fault("silence"), fault("resume"));
      await unknown(stage, fault("kill"), fault("start"));
    });
  },
);

anvilTest("after a reorganisation pools are quoted as the new chain has them", async () => {
  await withChain(async (stage) => {
    const { exchanges, program, stream, contracts } = stage;
    for (const depth of [1, 3, 6]) {
      const from = await contracts.blockNumber();
      await until(
        "there is something to take back",
        () => contracts.blockNumber(),
        (now) => now >= from + depth,
      );
      const [before, since] = [others(stage), stream.closed.length];
      const gaps = await gapsOf(program);
      await exchanges.control("POST", `/chain/reorg?depth=${depth}`);
      await until(
        "it was noticed",
        () => gapsOf(program),
        (now) => now.every((count, n) => count > gaps[n]!),
      );
      await healthy(stage);
      assertOthersWentOn(stage, before, since);
    }
  });
});

async function gapsOf(program: Program): Promise<number[]> {
  return await Promise.all(POOLS.map(async (id) => (await program.venue(id)).gaps));
}

/** So many blocks are looked at in each pool, and so many swaps are made in it meanwhile, beside those of the market. */
const BLOCKS = 30;
const SWAPS = 2;
const EVERYWHERE = ["ETH-USDT", "ETH-USDC", "WBTC-USDT"];

anvilTest("no quote of a pool is another than the contracts give after its block", async () => {
  await using exchanges = await startExchangesWithChain("--block-ms", "1000");
  const config = emulatedConfig(exchanges);
  await using program = await startProgram(config);
  const contracts = await Contracts.of(exchanges, config);
  const quoted = async () => (await Promise.all(EVERYWHERE.map((symbol) => pools(program, symbol)))).flat();
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
async function swapABit(stage: TradingStage): Promise<void> {
  for (let n = 0; n < SWAPS; n++) {
    for (const exchange of POOLS) {
      for (const symbol of EVERYWHERE) {
        await stage.trader.sell(await marketOf(stage, exchange, symbol), 0.01 * (n + 1));
      }
    }
  }
}
