/**
 * Which pools a venue has: what cannot be used does not stop the others, and what comes later changes nothing
 * before it is read.
 */
import assert from "node:assert/strict";
import { QuoteState } from "../../core/domain/quote.ts";
import { mintV3, swapV3 } from "../../emulator/chain/trade.ts";
import { V2_FACTORY } from "../../emulator/chain/contracts.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { until } from "../program/process.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { Relay } from "./relay.ts";
import { current, poolsSpec, type RunningPools, runPools, started, verifyQuote } from "./running.ts";

const SYMBOL = "ETH-USDC";
const ROOT = 2n ** 96n;

const refused = ({ logs }: RunningPools) =>
  logs.filter(({ message }) => message === "A pool is not used").map(({ fields }) => fields);

anvilTest("pools of a token that does not tell its decimals are refused, the others are quoted", async () => {
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const good = await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  // A contract, but no token.
  const mute = await chain.deploy(V2_FACTORY, [chain.account]);
  const weth = uniswap.token("WETH").address;
  await chain.send(uniswap.v2Factory, "createPair", [weth, mute.address]);
  const pair = await chain.call<string>(uniswap.v2Factory, "getPair", [weth, mute.address]);
  const spec = poolsSpec(chain, uniswap, "v2");
  const tokens = { ...spec.tokens, MUTE: mute.address.toLowerCase() };
  using running = runPools({ ...spec, tokens }, [SYMBOL, "MUTE-ETH"]);
  await started(chain, running, SYMBOL);
  assert.equal((await verifyQuote(uniswap, running, SYMBOL)).address, good.address);
  assert.equal(running.state("MUTE-ETH"), QuoteState.withdrawn);
  const reason = `Token ${tokens.MUTE} does not tell its decimals`;
  assert.deepEqual(refused(running), [{ address: pair.toLowerCase(), reason }]);
});

anvilTest("a pool that is found twice is followed once, and quoted as it stands after swaps", async () => {
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  const pool = await uniswap.createV3("USDC", "USDT", 500, () => ROOT);
  await mintV3(uniswap, pool, [-1000, 1000], 10n ** 12n, 10n ** 12n);
  using running = runPools(poolsSpec(chain, uniswap, "v3", { feesPpm: [500, 500] }), ["USDC-USDT"]);
  await started(chain, running, "USDC-USDT");
  const { mid } = await verifyQuote(uniswap, running, "USDC-USDT");
  await swapV3(uniswap, pool, true, 10n ** 10n);
  await current(chain, running, ["USDC-USDT"]);
  assert.notEqual((await verifyQuote(uniswap, running, "USDC-USDT")).mid, mid);
});

anvilTest(
  "pools that are made later are quoted as soon as they are known, and all others go on until then",
  async () => {
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
    await using relay = new Relay(chain.anvil);
    const spec = poolsSpec(chain, uniswap, "v2", { httpUrls: [relay.url], wsUrls: [relay.wsUrl] });
    using running = runPools(spec, [SYMBOL, "ETH-USDT"], { listRefreshMs: 200 });
    await started(chain, running, SYMBOL);
    await uniswap.createV2("WETH", 10n ** 20n, "USDT", 3n * 10n ** 11n);
    await until("the new pool is found", () => running.telemetry.instruments === 2);
    // Blocks that are still made may complete the new connection, and end the other, before this looks.
    await until("it is subscribed to", () => relay.accepted === 2);
    assert.equal(running.state(SYMBOL), QuoteState.fresh);
    await relay.subscribed(1);
    await chain.mine();
    await current(chain, running, [SYMBOL, "ETH-USDT"]);
    for (const symbol of running.symbols) await verifyQuote(uniswap, running, symbol);
    await until("the connection before it ends", () => relay.connections === 1);
    const states = running.rows.all.filter(({ cell }) => cell === 0).map(({ state }) => state);
    assert.deepEqual(new Set(states), new Set([QuoteState.fresh]), "it was never withdrawn or stale");
    assert.equal(running.telemetry.reconnects, 0);
  },
);
