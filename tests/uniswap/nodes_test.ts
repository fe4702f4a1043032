/** Nodes that cannot be used, and pools that are not there or come later. */
import assert from "node:assert/strict";
import { FeedState } from "../../core/app/telemetry.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { V2_FACTORY } from "../../emulator/chain/contracts.ts";
import { mintV3 } from "../../emulator/chain/trade.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { until } from "../program/process.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { error, said, SYMBOL, withRelays } from "./relays.ts";
import { current, poolsSpec, runPools, started, verifyQuote } from "./running.ts";

anvilTest("where one endpoint is dead and one of another chain, the third is used", async () => {
  await withRelays(2, async (chain, uniswap, [foreign, good], spec) => {
    foreign!.answer = ({ method }) => method === "eth_chainId" ? { result: "0x38" } : undefined;
    const dead = "127.0.0.1:9";
    const wsUrls = [`ws://${dead}/key`, ...spec.wsUrls];
    const httpUrls = [`http://${dead}/key`, ...spec.httpUrls];
    using running = runPools({ ...spec, wsUrls, httpUrls }, [SYMBOL]);
    await started(chain, running, SYMBOL);
    await verifyQuote(uniswap, running, SYMBOL);
    assert.deepEqual(new Set(foreign!.asked.map(({ method }) => method)), new Set(["eth_chainId"]));
    assert.ok(good!.asked.length > 0);
    const problems = said(running, "A node cannot be asked");
    assert.ok(problems.some((one) => one.includes("is of chain 56 where 31337 is wanted")), problems.join());
    assert.ok(running.logs.every(({ fields }) => !JSON.stringify(fields).includes("key")));
  });
});

anvilTest("a node that goes away is replaced by the next one", async () => {
  await withRelays(2, async (chain, uniswap, [first, second], spec) => {
    using running = runPools(spec, [SYMBOL]);
    await started(chain, running, SYMBOL);
    assert.deepEqual([first!.connections, second!.connections], [1, 0]);
    first!.answer = () => error(-32005, "limit exceeded");
    first!.refuses = true;
    const again = second!.subscribed(0);
    first!.cut();
    await again;
    await chain.mine();
    await current(chain, running, [SYMBOL]);
    await verifyQuote(uniswap, running, SYMBOL);
  });
});

anvilTest("nothing is quoted where the only node is of another chain, and the log says why", async () => {
  await withRelays(1, async (chain, _uniswap, _relays, spec) => {
    using running = runPools({ ...spec, chainId: 1 }, [SYMBOL]);
    await until("several tries", () => said(running, "Pools cannot be found").length > 2);
    await chain.mine();
    assert.match(said(running, "Pools cannot be found")[0]!, /is of chain 31337 where 1 is wanted/);
    await until("it is not connected", () => running.telemetry.feedState === FeedState.disconnected);
    assert.equal(running.rows.read().all.length, 0);
  });
});

anvilTest("a node that does not read by block hash is told of and left for the next one", async () => {
  await withRelays(2, async (chain, uniswap, [old], spec) => {
    old!.answer = ({ method, params }) =>
      method === "eth_call" && typeof params[1] === "object"
        ? error(-32602, "invalid argument 1: hex string expected")
        : undefined;
    using running = runPools(spec, [SYMBOL]);
    await started(chain, running, SYMBOL);
    await verifyQuote(uniswap, running, SYMBOL);
    assert.match(said(running, "A node cannot be asked").join(), /EIP-1898/);
  });
});

anvilTest("without a price of gas pools are quoted and their gas is not known", async () => {
  await withRelays(1, async (chain, _uniswap, [relay], spec) => {
    relay!.answer = ({ method }) => method === "eth_gasPrice" ? error(-32601, "not found") : undefined;
    using running = runPools(spec, [SYMBOL]);
    await started(chain, running, SYMBOL);
    assert.equal(running.pool(SYMBOL)!.gasNative, NaN);
    relay!.answer = () => undefined;
    await until("gas is known", async () => {
      await chain.mine();
      return running.pool(SYMBOL)!.gasNative > 0;
    });
    const price = await chain.client.getGasPrice();
    const { gasNative } = running.pool(SYMBOL)!;
    assert.ok(gasNative / (Number(price) * spec.gasUnits / 1e18) < 1.5, "of the order of what the node says");
  });
});

anvilTest("a node that tells of no heads is left for the next one", async () => {
  await withRelays(2, async (chain, uniswap, [deaf, good], spec) => {
    deaf!.swallowed.add("newHeads").add("logs");
    // So short that the node is left soon; heads are then late at once, so pools are quoted only with their block.
    using running = runPools({ ...spec, blockMs: 300 }, [SYMBOL], { unpublishedMs: 1_000 });
    await until("a quote", async () => {
      await chain.mine();
      return running.pool(SYMBOL) !== undefined;
    });
    assert.ok(good!.accepted > 0);
    assert.match(
      said(running, "Connection to a node lost").join(),
      /No state of the pools could be published/,
    );
    // Blocks end.
    await until("stale", () => running.state(SYMBOL) === QuoteState.stale);
    assert.ok(uniswap.pools.some(({ address }) => address === running.pool(SYMBOL)!.address));
  });
});

anvilTest("after its stop a feed holds no connection, asks nothing and writes nothing", async () => {
  await withRelays(1, async (chain, _uniswap, [relay], spec) => {
    using running = runPools(spec, [SYMBOL]);
    await started(chain, running, SYMBOL);
    await chain.mine();
    running.stop();
    await until("the connection ends", () => relay!.connections === 0);
    const [rows, asked] = [running.rows.read().all.length, relay!.asked.length];
    await chain.mine(3);
    // It would have asked for the block by the time that another feed did.
    using other = runPools(spec, [SYMBOL]);
    await started(chain, other, SYMBOL);
    const own = relay!.asked.slice(asked).filter(({ method }) => method === "eth_chainId");
    // The other's three: over its socket nothing is counted, and of HTTP one for the pools and one for gas.
    assert.equal(own.length, 2);
    assert.equal(running.rows.read().all.length, rows);
  });
});

anvilTest(
  "addresses of the settings restrict the pools, and what cannot be used is told with its reason",
  async () => {
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    const eth = await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
    const wbtc = await uniswap.createV2("WBTC", 10n ** 8n, "WETH", 10n ** 19n);
    const stable = await uniswap.createV2("USDT", 10n ** 10n, "USDC", 10n ** 10n);
    const tether = await uniswap.createV2("WETH", 10n ** 20n, "USDT", 3n * 10n ** 11n);
    const foreign = await chain.deploy(V2_FACTORY, [chain.account]);
    await chain.send(foreign, "createPair", [eth.token0.address, eth.token1.address]);
    const copy = (await chain.call<string>(foreign, "getPair", [eth.token0.address, eth.token1.address]))
      .toLowerCase();
    const nobody = `0x${"1".repeat(40)}`;
    const spec = poolsSpec(chain, uniswap, "v2");
    const { WBTC: _, ...tokens } = spec.tokens;
    const reasons: [string, RegExp][] = [
      [wbtc.address, /Its tokens are not in the table of chain 31337: 0x/],
      [stable.address, /No symbol is made of its assets, (?:USDT and USDC|USDC and USDT)/],
      [copy, /The factory 0x\w+ does not know this pool/],
      [nobody, /There is no pool of v2 at this address/],
      [eth.token0.address, /There is no pool of v2 at this address/],
    ];
    const addresses = [eth.address, ...reasons.map(([address]) => address)];
    using running = runPools({ ...spec, tokens, addresses }, [SYMBOL, "ETH-USDT"]);
    await started(chain, running, SYMBOL);
    assert.equal(running.state("ETH-USDT"), QuoteState.withdrawn, `${tether.address} was not named`);
    const refused = running.logs.filter(({ message }) => message === "A pool is not used");
    assert.equal(refused.length, reasons.length);
    for (const [address, reason] of reasons) {
      const fields = refused.find((one) => one.fields.address === address)?.fields;
      assert.match(String(fields?.reason), reason, address);
    }
  },
);

anvilTest("where the factory is none, that is said and nothing is quoted", async () => {
  await withRelays(1, async (_chain, _uniswap, _relays, spec) => {
    using running = runPools({ ...spec, factory: `0x${"1".repeat(40)}` }, [SYMBOL]);
    await until("it is said", () => said(running, "Pools cannot be found").length > 0);
    assert.match(said(running, "Pools cannot be found")[0]!, /does not answer as a factory does/);
  });
});

anvilTest(
  "a pool that is made later is found, one without a price or liquidity is not quoted until it has both",
  async () => {
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    const spec = poolsSpec(chain, uniswap, "v3");
    using running = runPools(spec, ["USDC-USDT"], { listRefreshMs: 300 });
    await until(
      "it is said that there is none",
      () => said(running, "There is no pool for any symbol").length > 0,
    );
    const { token0, token1 } = { token0: uniswap.token("USDC"), token1: uniswap.token("USDT") };
    await chain.send(uniswap.v3Factory, "createPool", [token0.address, token1.address, 100]);
    await until("the pool is found", () => running.telemetry.instruments === 1);
    await until("the state without a price is known", async () => {
      await chain.mine();
      return running.telemetry.feedState === FeedState.connected;
    });
    assert.equal(running.state("USDC-USDT"), QuoteState.withdrawn);
    // The price is far from where the ticks were loaded, around tick 0, so that they are read anew.
    const pool = await uniswap.createV3("USDC", "USDT", 100, () => 5n * 2n ** 96n);
    await chain.mine();
    assert.equal(running.state("USDC-USDT"), QuoteState.withdrawn);
    const middle = 32_190;
    await mintV3(uniswap, pool, [middle - 500, middle + 500], 10n ** 12n, 25n * 10n ** 12n);
    await until("it is quoted", async () => {
      await chain.mine();
      return running.state("USDC-USDT") === QuoteState.fresh;
    });
    await current(chain, running, ["USDC-USDT"]);
    await verifyQuote(uniswap, running, "USDC-USDT");
  },
);
