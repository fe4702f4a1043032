/**
 * PostgreSQL and Redis gone for long, killed often and frozen, under full load; by hand:
 *
 *     deno run --allow-all tests/soak/outage.ts [--rate 10000] [--postgres-gone 600] [--postgres-kills 30]
 *       [--redis-gone 300] [--redis-frozen 60] [--seed 1]
 *
 * Times in seconds, the rate in changes a second over all emulated exchanges. Says what happens as it goes.
 */
import { parseArgs } from "node:util";
import { startExchanges, VENUES, venuesOf } from "../program/exchanges.ts";
import { outage } from "../program/storage/outage.ts";
import { told } from "./told.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  args: Deno.args,
  options: {
    rate: { ...text, default: "10000" },
    "postgres-gone": { ...text, default: "600" },
    "postgres-kills": { ...text, default: "30" },
    "redis-gone": { ...text, default: "300" },
    "redis-frozen": { ...text, default: "60" },
    seed: { ...text, default: "1" },
  },
});

await using exchanges = await startExchanges("--rate", values.rate);
await outage({
  seed: Number(values.seed),
  postgresGoneMs: Number(values["postgres-gone"]) * 1_000,
  postgresKills: Number(values["postgres-kills"]),
  redisGoneMs: Number(values["redis-gone"]) * 1_000,
  redisFrozenMs: Number(values["redis-frozen"]) * 1_000,
  config: { mode: "live", venues: venuesOf(exchanges, true) },
  exchanges: [...VENUES, "exchange1", "exchange2", "exchange3"],
  symbols: "BTC,ETH,SOL,XRP,DOGE,TON,ADA,LTC,LINK,AVAX".split(",").map((base) => `${base}-USDT`),
  prefix: "",
  say: told,
});
told("passed");
