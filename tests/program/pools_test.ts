/**
 * What becomes of the program when something happens to the chain: pools are not quoted while it is not known how
 * they stand, and all else goes on.
 */
import assert from "node:assert/strict";
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { anvilTest } from "../tools/anvil.ts";
import { emulatedConfig, withoutSources } from "./emulated.ts";
import { type Exchanges, startExchangesWithChain, VENUES } from "./exchanges.ts";
import { Contracts, poolQuotes } from "./pools_contracts.ts";
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

/**
 * The program on all exchanges and the chain. Every route is open, so a fault always ends some; the market
 * does not.
 */
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

const pools = (program: Program) => poolQuotes(program, POOL_SYMBOL);

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
  const venues = await program.venues();
  // A block that is late makes pools stale for a moment, also without a fault.
  await until("every route is open", () => stream.open.size, (size) => size === ROUTES);
  const [before, since] = [others(stage), stream.closed.length];
  const ofPools = [...stream.open.values()].filter(touchesPool).map(({ id }) => id);
  await begin();
  await until(
    "no pool is quoted",
    () => program.venues(),
    (all) => all.every(({ id, freshQuotes }) => !POOLS.includes(id) || freshQuotes === 0),
  );
  assert.deepEqual((await program.opportunities()).filter(touchesPool), []);
  await until("nothing open touches a pool", () => ![...stream.open.values()].some(touchesPool));
  const ended = stream.closed.slice(since).map(({ id }) => id);
  assert.equal(new Set(ended).size, ended.length, "Each closed once");
  assert.deepEqual(ofPools.filter((id) => !ended.includes(id)), [], "All that touched a pool closed");
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
