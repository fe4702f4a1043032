/** A venue of pools as a whole, on the real contracts. */
import assert from "node:assert/strict";
import { QuoteState } from "../../core/domain/quote.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { seed } from "../core/seed.ts";
import { until } from "../program/process.ts";
import { seeded } from "../random.ts";
import { anvilTest } from "../tools/anvil.ts";
import { Chain } from "./chain.ts";
import { makeMarket } from "./market.ts";
import { poolsSpec, runPools, started, verifyQuote } from "./running.ts";

const SYMBOLS = [
  "ETH-USDC",
  "USDC-ETH",
  "ETH-USDT",
  "WBTC-ETH",
  "WBTC-USDC",
  "USDC-USDT",
  "WBTC-USDT",
  "BTC-USDT",
];

anvilTest(
  "pools of both versions are found and quoted as their contracts pay, from either side",
  async () => {
    await using chain = await Chain.start();
    const uniswap = await Uniswap.deploy(chain);
    await makeMarket(uniswap, seeded(seed));
    const quoted = {
      v2: ["ETH-USDC", "USDC-ETH", "ETH-USDT", "WBTC-ETH"],
      v3: ["ETH-USDC", "USDC-ETH", "ETH-USDT", "WBTC-ETH", "WBTC-USDC", "USDC-USDT"],
    };
    for (const protocol of ["v2", "v3"] as const) {
      using running = runPools(poolsSpec(chain, uniswap, protocol), SYMBOLS);
      await started(chain, running, "ETH-USDC");
      for (const symbol of quoted[protocol]) await verifyQuote(uniswap, running, symbol);
      const without = SYMBOLS.filter((symbol) => !quoted[protocol].includes(symbol));
      assert.deepEqual(
        without.map((symbol) => running.state(symbol)),
        without.map(() => QuoteState.withdrawn),
      );
      assert.equal(running.telemetry.instruments, quoted[protocol].length);
      const [there, back] = [running.pool("ETH-USDC")!, running.pool("USDC-ETH")!];
      assert.equal(there.address, back.address);
      assert.ok(Math.abs(there.mid * back.mid - 1) < 1e-12);
    }
  },
);

anvilTest("a token that is not in the table does not exist, whatever it calls itself", async () => {
  await using chain = await Chain.start();
  const uniswap = await Uniswap.deploy(chain);
  await makeMarket(uniswap, seeded(seed));
  const spec = poolsSpec(chain, uniswap, "v3");
  const { WBTC: _, ...tokens } = spec.tokens;
  using running = runPools({ ...spec, tokens }, SYMBOLS);
  await started(chain, running, "ETH-USDC");
  await until("no other instruments", () => running.telemetry.instruments === 4);
  assert.deepEqual(
    ["WBTC-ETH", "WBTC-USDC"].map((symbol) => running.state(symbol)),
    [QuoteState.withdrawn, QuoteState.withdrawn],
  );
});
