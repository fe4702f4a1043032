/**
 * What chains, nodes and networks do to a venue of pools: no row is ever wrong, what is not known is stale,
 * and two blocks after the trouble all is quoted again.
 */
import assert from "node:assert/strict";
import { FeedState } from "../../core/app/telemetry.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { swapV3Args } from "../../emulator/chain/trade.ts";
import { burnV3, mintV2, mintV3, swapV2, swapV3 } from "../../emulator/chain/trade.ts";
import { type Pool, Uniswap } from "../../emulator/chain/uniswap.ts";
import type { FeedTuning } from "../../adapters/venues/_base/tuning.ts";
import { seed } from "../core/seed.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { addPosition, amountOf } from "./market.ts";
import { Relay } from "./relay.ts";
import { RowChecker } from "./row_checker.ts";
import { current, poolsSpec, type RunningPools, runPools, started, verifyQuote } from "./running.ts";

const SYMBOL = "ETH-USDC";

interface Scene extends AsyncDisposable {
  chain: Chain;
  uniswap: Uniswap;
  v2: Pool;
  v3: Pool;
}

/** A pool of each version, that of v3 with positions that overlap. */
async function sceneOf(random: () => number): Promise<Scene> {
  const chain = await Chain.start();
  await distinctTimes(chain);
  const uniswap = await Uniswap.deploy(chain);
  const v2 = await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  const v3 = await uniswap.createV3("WETH", "USDC", 500, ({ symbol }) => rootOf(symbol === "WETH"));
  const range = wholeRange(v3, await tickOf(chain, v3));
  await mintV3(uniswap, v3, range, amountOf(v3.token0, 1e6), amountOf(v3.token1, 1e6));
  for (let n = 0; n < 6; n++) await addPosition(uniswap, v3, random);
  return { chain, uniswap, v2, v3, [Symbol.asyncDispose]: () => chain[Symbol.asyncDispose]() };
}

/** No two blocks of a time: rows are told apart by it. */
function distinctTimes({ client }: Chain): Promise<void> {
  return client.setBlockTimestampInterval({ interval: 1 });
}

/** Of 3,000 USDC for a WETH, or of its inverse. */
function rootOf(wethIsToken0: boolean): bigint {
  const root = Math.sqrt(wethIsToken0 ? 3000e-12 : 1e12 / 3000);
  return BigInt(Math.floor(root * 2 ** 48)) << 48n;
}

function wholeRange({ tickSpacing }: Pool, tick: number): [number, number] {
  const middle = Math.floor(tick / tickSpacing) * tickSpacing;
  return [middle - 1_000 * tickSpacing, middle + 1_000 * tickSpacing];
}

async function tickOf(chain: Chain, pool: Pool): Promise<number> {
  return (await chain.call<readonly [bigint, number]>(pool, "slot0"))[1];
}

/** Soon, for where a node falls silent. Elsewhere a busy machine must not be taken for a silent node. */
const SOON_SILENT = { probeAfterMs: 500, silentAfterMs: 500 };

/** Runs both versions over one relay each, and hands over what a test needs to make trouble. */
async function withFeeds(
  run: (stage: Scene & { feeds: Feed[]; trade: () => Promise<void> }) => Promise<void>,
  tuning: Partial<FeedTuning> = { silentAfterMs: 30_000 },
): Promise<void> {
  const random = seeded(seed);
  await using scene = await sceneOf(random);
  const { chain, uniswap, v2, v3 } = scene;
  const feeds: Feed[] = [];
  try {
    for (const [protocol, pool] of [["v2", v2], ["v3", v3]] as const) {
      const relay = new Relay(chain.anvil);
      const spec = poolsSpec(chain, uniswap, protocol, { wsUrls: [relay.wsUrl], httpUrls: [relay.url] });
      const running = runPools(spec, [SYMBOL], tuning);
      feeds.push({ relay, running, pool, rows: new RowChecker(chain, uniswap, running, { [SYMBOL]: pool }) });
    }
    for (const { running } of feeds) await started(chain, running, SYMBOL);
    const trade = async () => {
      const zeroForOne = random() < 0.5;
      await swapV3(uniswap, v3, zeroForOne, amountOf(zeroForOne ? v3.token0 : v3.token1, 50_000 * random()));
      const weth = v2.token0.symbol === "WETH";
      await swapV2(chain, v2, weth, 10n ** 17n, 250n * 10n ** 6n);
      await mintV2(chain, v2, 10n ** 9n, 10n ** 9n);
    };
    await run({ ...scene, feeds, trade });
  } finally {
    for (const { running, relay } of feeds) {
      running.stop();
      await relay[Symbol.asyncDispose]();
    }
  }
}

interface Feed {
  relay: Relay;
  running: RunningPools;
  pool: Pool;
  rows: RowChecker;
}

/** All feeds quote the newest block as the contracts pay, and no row before was wrong. */
async function verify({ chain, uniswap, feeds }: Scene & { feeds: Feed[] }, what: string): Promise<void> {
  for (const { running, rows } of feeds) {
    await current(chain, running, [SYMBOL]);
    await verifyQuote(uniswap, running, SYMBOL);
    await rows.check(what);
  }
}

async function stale(feeds: readonly Feed[], what: string): Promise<void> {
  for (const { running } of feeds) {
    await until(`stale ${what}`, () => running.state(SYMBOL) === QuoteState.stale);
    await until(`said ${what}`, () => running.telemetry.feedState !== FeedState.connected);
  }
}

/** Resolves when each feed has subscribed on a connection that is not there yet. */
async function resubscribed(feeds: readonly Feed[]): Promise<void> {
  await Promise.all(feeds.map(({ relay }) => relay.subscribed(relay.accepted)));
}

anvilTest(
  "swaps, mints, burns, blocks without logs and two hundred swaps in one are quoted block by block",
  async () => {
    await withFeeds(async (stage) => {
      const { chain, uniswap, v3, feeds, trade } = stage;
      const random = seeded(seed + 1);
      for (let n = 0; n < 6; n++) await trade();
      await verify(stage, "after swaps");
      for (let n = 0; n < 4; n++) await burnV3(uniswap, (await addPosition(uniswap, v3, random)).id, 2n);
      await verify(stage, "after mints and burns");
      await chain.mine(3);
      await verify(stage, "after blocks without logs");
      await chain.stopMining();
      for (let n = 0; n < 200; n++) {
        await chain.queue(uniswap.router, "exactInputSingle", swapV3Args(chain, v3, n % 3 > 0, 10n ** 9n));
      }
      await chain.mine();
      await chain.resumeMining();
      await verify(stage, "after two hundred swaps in one block");
      for (const { running, rows } of feeds) {
        assert.ok(rows.checked > 15, `${rows.checked} rows were checked`);
        assert.deepEqual([running.telemetry.gaps, running.telemetry.reconnects], [0, 0]);
        const { number } = await chain.client.getBlock();
        const times = running.rows.all.map(({ exchangeTime }) => exchangeTime);
        assert.equal(new Set(times).size, times.length, `one row for a block, of ${number}`);
      }
    });
  },
);

anvilTest("a price that runs away is followed, and ticks are read anew before they end", async () => {
  await withFeeds(async (stage) => {
    const { chain, uniswap, v3, feeds } = stage;
    const of = feeds.find(({ pool }) => pool === v3)!.running;
    const start = await tickOf(chain, v3);
    const amountIn = amountOf(v3.token0, 100_000);
    let times = 0;
    while (Math.abs(await tickOf(chain, v3) - start) < 7_000) {
      assert.ok(times++ < 40, "the price moves");
      await swapV3(uniswap, v3, true, amountIn);
      await verify(stage, `after ${times} swaps in one direction`);
    }
    assert.ok(of.telemetry.gaps > 0, "ticks were read anew");
  });
});

anvilTest(
  "a reorganisation leads to a reading anew, whether the node tells of removed logs or not",
  async () => {
    await withFeeds(async (stage) => {
      const { chain, feeds, trade } = stage;
      for (const [depth, tells] of [[1, false], [3, false], [1, true], [3, true]] as const) {
        const what = `with a reorganisation of ${depth}, ${tells ? "told" : "not told"}`;
        await trade();
        await verify(stage, `before ${what}`);
        const gaps = feeds.map(({ running }) => running.telemetry.gaps);
        if (tells) {
          const newest = await chain.blockNumber();
          for (const { relay, pool } of feeds) {
            const fromBlock = `0x${(newest - BigInt(depth) + 1n).toString(16)}`;
            const filter = { address: pool.address, fromBlock, toBlock: "latest" };
            const logs = await chain.raw<object[]>("eth_getLogs", [filter]);
            for (const log of logs.toReversed()) relay.notify("logs", { ...log, removed: true });
          }
        }
        await chain.reorg(depth);
        await chain.mine();
        if (tells) await chain.mine();
        await verify(stage, what);
        for (const [n, { running }] of feeds.entries()) {
          assert.ok(running.telemetry.gaps > gaps[n]!, `${what}: a gap is counted`);
        }
      }
    });
  },
);

anvilTest(
  "a connection that is cut makes pools stale; they are quoted again with the first block after it",
  async () => {
    await withFeeds(async (stage) => {
      const { chain, feeds, trade } = stage;
      for (const { relay } of feeds) {
        relay.refuses = true;
        relay.cut();
      }
      await stale(feeds, "while it is cut");
      await trade();
      const again = resubscribed(feeds);
      for (const { relay } of feeds) relay.refuses = false;
      await again;
      await chain.mine();
      await verify(stage, "after it was cut");
      for (const { running } of feeds) assert.ok(running.telemetry.reconnects > 0);
    });
  },
);

anvilTest("logs that are not delivered change nothing: what counts is read by block", async () => {
  await withFeeds(async (stage) => {
    const { feeds, trade } = stage;
    for (const { relay } of feeds) relay.swallowed.add("logs");
    for (let n = 0; n < 3; n++) await trade();
    await verify(stage, "without the subscription to logs");
    for (const { running } of feeds) assert.equal(running.telemetry.gaps, 0);
  });
});

anvilTest("a node that stands still makes pools stale, one that comes back has them read anew", async () => {
  await withFeeds(async (stage) => {
    const { chain, feeds, trade } = stage;
    let again = resubscribed(feeds);
    chain.freeze();
    await stale(feeds, "while the node stands still");
    chain.thaw();
    await again;
    await chain.mine();
    await verify(stage, "after it stood still");
    await trade();
    await verify(stage, "before it was restarted");
    again = resubscribed(feeds);
    await chain.restart(() => stale(feeds, "while the node is gone"));
    await distinctTimes(chain);
    await again;
    await chain.mine();
    await verify(stage, "after it was restarted");
    await trade();
    await verify(stage, "some time after it was restarted");
  }, SOON_SILENT);
});
