/** Who makes the blocks of the emulated chain: its pools against the market of the emulated exchanges, block by block. */
import assert from "node:assert/strict";
import { SyntheticMarket } from "../../adapters/venues/synthetic/market.ts";
import { NODE_ARGS } from "../../emulator/chain/host.ts";
import { Maker } from "../../emulator/chain/maker.ts";
import { type BlockReport } from "../../emulator/chain/maker.ts";
import { POOL_PLANS, type PoolPlan, Targets } from "../../emulator/chain/plan.ts";
import { makePools, type PlannedPool } from "../../emulator/chain/pools.ts";
import { standings } from "../../emulator/chain/standings.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { VENUES } from "../../emulator/exchanges.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "../uniswap/chain.ts";
import { Session } from "./harness.ts";

const SEED = 1;
const BLOCKS = 150;
/** Two seconds of the market. */
const STEPS_A_BLOCK = 40;
const SYMBOLS = ["ETH-USDT", "ETH-USDC", "WBTC-USDT"];
/** Beyond what exchanges differ by while none drifts, and what a pool of 0.3 % is left off by. */
const NEAR_BPS = 15;
const AWAY_BPS = 30;

/** The price on the emulated exchanges: the middle one of what they quote. */
function fair(market: SyntheticMarket, { base, quote }: PoolPlan): number {
  if (quote === "WETH") {
    return fair(market, { ...POOL_PLANS[0]!, base }) / fair(market, { ...POOL_PLANS[0]!, base: quote });
  }
  const symbol = SYMBOLS.indexOf(`${base === "WETH" ? "ETH" : base}-${quote}`);
  const cells = VENUES.map((_, at) => market.cell(at, symbol));
  const mids = cells.map((cell) => (market.bid[cell]! + market.ask[cell]!) / 2).sort((a, b) => a - b);
  return (mids[1]! + mids[2]!) / 2;
}

interface Story {
  uniswap: Uniswap;
  pools: readonly PlannedPool[];
  reports: BlockReport[];
  /** By pool and block: how far its contract stands from the exchanges, in bps. */
  offBps: number[][];
}

async function tell(chain: Chain): Promise<Story> {
  const uniswap = await Uniswap.deploy(chain);
  const targets = new Targets(SEED);
  const pools = await makePools(uniswap, targets);
  const maker = new Maker(uniswap, pools, targets, SEED);
  const market = new SyntheticMarket(SEED, SYMBOLS, VENUES);
  await maker.begin(0);
  const reports: BlockReport[] = [];
  const offBps: number[][] = pools.map(() => []);
  for (let n = 1, now = Date.now(); n <= BLOCKS; n++) {
    reports.push(await maker.block(n * STEPS_A_BLOCK, false, now + n * 2_000));
    market.step(n * STEPS_A_BLOCK);
    for (const [at, { price }] of (await standings(chain, pools)).entries()) {
      offBps[at]!.push((price / fair(market, pools[at]!.plan) - 1) * 1e4);
    }
  }
  return { uniswap, pools, reports, offBps };
}

anvilTest("pools follow the emulated exchanges, leave them now and then, and come back", async () => {
  await using chain = await Chain.start(NODE_ARGS);
  const { uniswap, pools, reports, offBps } = await tell(chain);
  for (const [at, offs] of offBps.entries()) {
    const { name } = reports[0]!.pools[at]!;
    const near = offs.filter((bps) => Math.abs(bps) < NEAR_BPS).length;
    assert(near > BLOCKS / 2, `${name} was near in ${near} of ${BLOCKS} blocks`);
    const away = offs.findIndex((bps) => Math.abs(bps) > AWAY_BPS);
    assert(away >= 0, `${name} never left`);
    assert(offs.slice(away).some((bps) => Math.abs(bps) < NEAR_BPS), `${name} never came back`);
  }

  // Whatever was sent is in a block, and no contract refused it.
  assert.equal(reports.at(-1)!.failed, 0);
  const { pending, queued } = await chain.client.getTxpoolStatus();
  assert.deepEqual([pending, queued], [0, 0]);
  assert(reports.every(({ transactions }) => transactions <= 2 * POOL_PLANS.length));

  const [from, to] = [reports[0]!, reports.at(-1)!].map(({ number }) => BigInt(number));
  const events = new Map<string, number>();
  for (const { pool } of pools) {
    // Nodes with short memories give logs of some blocks at a time.
    const args = { address: pool.address, abi: pool.abi, fromBlock: from!, toBlock: to! };
    for (const { eventName } of await chain.client.getContractEvents(args)) {
      const name = `${pool.version} ${eventName}`;
      events.set(name, (events.get(name) ?? 0) + 1);
    }
  }
  for (const name of ["2 Swap", "2 Mint", "2 Burn", "3 Swap", "3 Mint", "3 Burn"]) {
    assert(events.get(name)! > 0, `There was no ${name}: ${JSON.stringify([...events])}`);
  }
  assert.equal(uniswap.pools.length, POOL_PLANS.length);
});

anvilTest(
  "blocks have a time of their own, and who hears of one is told the price of gas after it",
  async () => {
    await using chain = await Chain.start(NODE_ARGS);
    const uniswap = await Uniswap.deploy(chain);
    const targets = new Targets(SEED);
    const maker = new Maker(uniswap, await makePools(uniswap, targets), targets, SEED);
    await maker.begin(0);
    let last = await chain.client.getBlock();
    const socket = await Session.open(chain.anvil.wsUrl);
    socket.send({ jsonrpc: "2.0", id: 0, method: "eth_subscribe", params: ["newHeads"] });
    await socket.frame(({ id }) => id === 0);
    const prices: bigint[] = [];
    // The clock stands still.
    const now = Date.now();
    for (let n = 1; n <= 20; n++) {
      const frozen = n > 15;
      const made = maker.block(n * 200, frozen, now);
      await socket.frame(({ method }) => method === "eth_subscription");
      socket.send({ jsonrpc: "2.0", id: n, method: "eth_gasPrice", params: [] });
      const price = BigInt((await socket.frame(({ id }) => id === n)).result);
      await made;
      assert.equal(price, await chain.client.getGasPrice(), `Block ${n}`);
      assert(price >= 700_000_000n && price <= 3_100_000_000n, `Gas costs ${price}`);
      if (frozen) assert.equal(price, prices.at(-1));
      prices.push(price);
      const block = await chain.client.getBlock();
      assert(block.timestamp > last.timestamp, `Block ${n} is of ${block.timestamp} after ${last.timestamp}`);
      last = block;
    }
    assert(new Set(prices).size > 10, `Gas had the prices ${prices}`);
    await socket.close();
  },
);
