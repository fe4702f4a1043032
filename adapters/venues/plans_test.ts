import assert from "node:assert/strict";
import { defaults } from "../config/defaults.ts";
import { plansOf } from "./plans.ts";

Deno.test("live mode has a worker for each venue that is enabled, test mode the same four whatever is", () => {
  const { live, test } = plansOf(defaults);
  const names = (plans: { venue: string; feed: string }[]) =>
    plans.map(({ venue, feed }) => `${venue} ${feed}`);
  assert.deepEqual(names(live), [
    "bybit socket",
    "okx socket",
    "gateio socket",
    "kraken socket",
    "uniswap-v2 pools",
    "uniswap-v3 pools",
  ]);
  assert.deepEqual(names(test), [
    "bybit synthetic",
    "okx synthetic",
    "gateio synthetic",
    "kraken synthetic",
  ]);
});

Deno.test("a venue of pools is one worker and one exchange without a taker fee, with the table of its chain", () => {
  const venue = { ...defaults.venues["pancakeswap-v3"], enabled: true, wsUrl: "wss://one" };
  const pools = ["0xABCDEF0000000000000000000000000000000000"];
  const settings = { ...defaults, venues: { ...defaults.venues, "pancakeswap-v3": { ...venue, pools } } };
  const plan = plansOf(settings).live.find((one) => one.venue === "pancakeswap-v3")!;
  assert.deepEqual([plan.exchanges, plan.takerFeeBps], [["pancakeswap-v3"], 0]);
  const spec = plan.pools!;
  assert.deepEqual(
    [spec.protocol, spec.chainId, spec.nativeAsset, spec.blockMs, spec.feesPpm],
    ["v3", 56, "BNB", 750, [100, 500, 2500, 10_000]],
  );
  assert.deepEqual([spec.wsUrls, spec.httpUrls.length], [["wss://one"], 2]);
  // As nodes write addresses.
  assert.equal(spec.factory, "0x0bfbcf9fa4f9c56b0f40a671ad40e0805a091865");
  assert.equal(spec.tokens.USDT, "0x55d398326f99059ff775485246999027b3197955");
  assert.deepEqual(spec.addresses, ["0xabcdef0000000000000000000000000000000000"]);
});
