/** Nodes that cannot be used, and pools that are not there or come later. */
import assert from "node:assert/strict";
import { FeedState } from "../../core/app/telemetry.ts";
import { DEFAULT_TUNING } from "../../adapters/venues/_base/tuning.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import type { PoolsSpec } from "../../core/ports/workers.ts";
import { V2_FACTORY } from "../../emulator/chain/contracts.ts";
import { mintV3 } from "../../emulator/chain/trade.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { until } from "../program/process.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { Relay } from "./relay.ts";
import { current, poolsSpec, type RunningPools, runPools, started, verifyQuote } from "./running.ts";

const SYMBOL = "ETH-USDC";

/** A chain with a pair of v2, and relays to its node. */
async function withRelays(
  count: number,
  run: (chain: Chain, uniswap: Uniswap, relays: Relay[], spec: PoolsSpec) => Promise<void>,
  timestamp = Math.floor(Date.now() / 1000),
): Promise<void> {
  await using chain = await Chain.start(["--accounts", "1", "--timestamp", String(timestamp)]);
  const uniswap = await Uniswap.deploy(chain);
  await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  const relays = Array.from({ length: count }, () => new Relay(chain.anvil));
  try {
    const wsUrls = relays.map(({ wsUrl }) => wsUrl);
    const httpUrls = relays.map(({ url }) => url);
    await run(chain, uniswap, relays, poolsSpec(chain, uniswap, "v2", { wsUrls, httpUrls }));
  } finally {
    for (const relay of relays) await relay[Symbol.asyncDispose]();
  }
}

const said = ({ logs }: RunningPools, message: string) =>
  logs.filter((one) => one.message === message).map(({ fields }) => JSON.stringify(fields));

const error = (code: number, message: string) => ({ error: { code, message } });

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

anvilTest(
  "after any trouble of a node, with the waits of the program, pools are quoted within two blocks",
  async () => {
    const blockMs = 1_000;
    await withRelays(1, async (chain, _uniswap, [relay], spec) => {
      using running = runPools({ ...spec, blockMs }, [SYMBOL], DEFAULT_TUNING);
      let mined = 0;
      const untilFresh = async (what: string, most: number) => {
        const from = mined;
        while (running.state(SYMBOL) !== QuoteState.fresh) {
          assert.ok(mined - from <= most, `${what}: not quoted after ${mined - from} blocks`);
          await mineOne();
        }
      };
      const mineOne = async () => {
        // No block begins before the one before it is over, however slow the machine is.
        await new Promise((resolve) => setTimeout(resolve, blockMs));
        await chain.mine();
        mined++;
      };
      await untilFresh("at the start", 20);
      for (const trouble of [error(-32005, "limit exceeded"), error(-32603, "Internal error")]) {
        relay!.answer = () => trouble;
        for (let n = 0; n < 8; n++) await mineOne();
        assert.equal(running.state(SYMBOL), QuoteState.stale);
        relay!.answer = () => undefined;
        // The block that is mined first may already be the second one since then.
        await untilFresh(JSON.stringify(trouble), 2);
      }
      assert.equal(relay!.accepted, 1, "heads are told by the same node all the while");
    });
  },
);

/** How long nothing may be published before a node is left, and blocks for three times that. */
const PATIENCE = { blockMs: 100, unpublishedMs: 500 };
async function outwait(chain: Chain): Promise<void> {
  const patienceMs = Math.max(PATIENCE.unpublishedMs, 10 * PATIENCE.blockMs);
  for (const endMs = performance.now() + 3 * patienceMs; performance.now() < endMs;) {
    await chain.mine();
    await new Promise((resolve) => setTimeout(resolve, PATIENCE.blockMs / 2));
  }
}

anvilTest("the node that tells of heads is not left for the trouble of others", async () => {
  await withRelays(2, async (chain, _uniswap, relays, { httpUrls, ...spec }) => {
    const [heads, others] = relays;
    const { blockMs, unpublishedMs } = PATIENCE;
    using running = runPools({ ...spec, blockMs, httpUrls: [httpUrls[1]!] }, [SYMBOL], { unpublishedMs });
    await until("a quote", async () => {
      await chain.mine();
      return running.pool(SYMBOL) !== undefined;
    });
    others!.answer = ({ method }) => method === "eth_chainId" ? undefined : error(-32603, "Internal error");
    await outwait(chain);
    assert.deepEqual(said(running, "Connection to a node lost"), []);
    assert.equal(heads!.accepted, 1);
    others!.answer = () => undefined;
    const { blockNumber } = running.pool(SYMBOL)!;
    await until("a newer quote", async () => {
      await chain.mine();
      return running.pool(SYMBOL)!.blockNumber > blockNumber;
    });
  });
});

for (const [seconds, isLeft] of [[30, false], [3_600, true]] as const) {
  const then = isLeft ? "the node is left" : "the node is kept, since our clock may be wrong";
  anvilTest(`blocks that are ${seconds} s old are not quoted, it is said why, and ${then}`, async () => {
    const timestamp = Math.floor(Date.now() / 1000) - seconds;
    await withRelays(2, async (chain, _uniswap, _relays, spec) => {
      const { blockMs, unpublishedMs } = PATIENCE;
      using running = runPools({ ...spec, blockMs }, [SYMBOL], { unpublishedMs });
      await until("it is said", async () => {
        await chain.mine();
        return said(running, "Pools are not known").some((one) => /s old by this machine's clock/.test(one));
      });
      await outwait(chain);
      assert.equal(running.pool(SYMBOL), undefined);
      assert.equal(said(running, "Connection to a node lost").length > 0, isLeft);
    }, timestamp);
  });
}

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
