/** Another node takes over that has not come as far as the one before. */
import assert from "node:assert/strict";
import { QuoteState } from "../../core/domain/quote.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { until } from "../program/process.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { Relay } from "./relay.ts";
import { current, poolsSpec, runPools, started, verifyQuote } from "./running.ts";

const SYMBOL = "ETH-USDC";
const BEHIND = 3n;

anvilTest(
  "nothing older is quoted where the node that takes over is behind, and all where it caught up",
  async () => {
    await using chain = await Chain.start();
    await chain.client.setBlockTimestampInterval({ interval: 1 });
    const uniswap = await Uniswap.deploy(chain);
    await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
    await using ahead = new Relay(chain.anvil);
    await using behind = new Relay(chain.anvil);
    const urls = { wsUrls: [ahead.wsUrl, behind.wsUrl], httpUrls: [behind.url] };
    using running = runPools(poolsSpec(chain, uniswap, "v2", urls), [SYMBOL]);
    await started(chain, running, SYMBOL);
    await chain.mine(Number(BEHIND));
    await current(chain, running, [SYMBOL]);
    const newest = await chain.blockNumber();

    behind.swallowed.add("newHeads").add("logs");
    const again = behind.subscribed(0);
    ahead.refuses = true;
    ahead.cut();
    await again;
    const rows = running.rows.read().all.length;
    for (let number = newest - BEHIND; number < newest; number++) {
      const head = await chain.raw<{ hash: string }>("eth_getBlockByNumber", [
        `0x${number.toString(16)}`,
        false,
      ]);
      behind.notify("newHeads", head);
      await until(
        `block ${number} is read`,
        () => behind.asked.some(({ params }) => names(params, head.hash)),
      );
    }
    await until("the node caught up", async () => {
      behind.swallowed.clear();
      await chain.mine();
      return running.state(SYMBOL) === QuoteState.fresh;
    });
    await current(chain, running, [SYMBOL]);
    await verifyQuote(uniswap, running, SYMBOL);
    const { timestamp } = await chain.client.getBlock({ blockNumber: newest });
    const since = running.rows.read().all.slice(rows).filter(({ state }) => state === QuoteState.fresh);
    assert.ok(since.length > 0);
    for (const { exchangeTime } of since) {
      assert.ok(exchangeTime / 1000 > timestamp, `a row of ${exchangeTime / 1000} after ${timestamp}`);
    }
  },
);

const names = (params: readonly unknown[], hash: string) => JSON.stringify(params).includes(hash);
