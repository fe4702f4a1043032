/**
 * Opportunities between pools and exchanges, done by hand in both directions and both versions: what is left
 * over is what was shown, and so is every part of it.
 */
import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { runs, seed } from "../core/seed.ts";
import { anvilTest } from "../tools/anvil.ts";
import { emulatedConfig, withoutSources } from "./emulated.ts";
import { execute, freeze, marketOf, type Stage, stageOf } from "./execution.ts";
import { standing, thaw, touchPairs, versionOf } from "./execution.ts";
import { checkDone } from "./execution_check.ts";
import { startExchangesWithChain } from "./exchanges.ts";
import { until } from "./process.ts";
import { startProgram } from "./program.ts";

/** So often each version is bought from, and sold to. */
const TIMES = runs(2);
/** Each leads to something that was not done yet. */
const MOST_FREEZES = 8 * TIMES;
/** Moves the pools of ETH-USDT by a percent or two. */
const PUSH_ETH = 8;
/**
 * So many are done while the market stands, and none is begun later than this: exchanges that say nothing for a minute
 * are not believed any more.
 */
const A_FREEZE = 4;
const BEGUN_WITHIN_MS = 25_000;

anvilTest(
  "an opportunity with a pool leaves what it shows when both legs are done by hand, of which each cost is as shown",
  async () => {
    await using exchanges = await startExchangesWithChain("--block-ms", "1000", "--seed", String(seed));
    const config = withoutSources(emulatedConfig(exchanges));
    await using program = await startProgram(config);
    const stage = await stageOf(exchanges, program, config);
    for (const id of ["uniswap-v2", "uniswap-v3"]) {
      await until("pools are quoted", () => program.venue(id), (venue) => venue.freshQuotes === 3);
    }
    await touchPairs(stage);
    const done = new Map(["2 buy", "2 sell", "3 buy", "3 sell"].map((kind) => [kind, 0]));
    const routes = new Map<string, number>();
    const timesOf = (one: Opportunity) => routes.get(routeOf(one)) ?? 0;
    const wanted = (one: Opportunity) => kindsOf(one).some((kind) => done.get(kind)! < TIMES);
    for (let freezes = 0; [...done.values()].some((times) => times < TIMES); freezes++) {
      assert.ok(freezes < MOST_FREEZES, `Done so far: ${JSON.stringify([...done])}`);
      const end = performance.now() + BEGUN_WITHIN_MS;
      await freeze(stage);
      for (let left = A_FREEZE; left > 0 && performance.now() < end; left--) {
        let open = (await standing(stage)).filter(wanted);
        if (open.length === 0) {
          const [lacking] = [...done].find(([, times]) => times < TIMES) ?? [];
          if (lacking === undefined) break;
          await push(stage, lacking);
          open = (await standing(stage)).filter(wanted);
        }
        // Of those the one whose like was done least often.
        const [one] = open.sort((a, b) => timesOf(a) - timesOf(b));
        if (one === undefined) break;
        checkDone(await execute(stage, one));
        routes.set(routeOf(one), timesOf(one) + 1);
        for (const kind of kindsOf(one)) done.set(kind, done.get(kind)! + 1);
      }
      await thaw(stage);
    }
  },
);

/** Somebody moves a pool away from the market, so that it can be bought from, or sold to: `3 sell`. */
async function push(stage: Stage, kind: string): Promise<void> {
  const [version, side] = kind.split(" ");
  const market = await marketOf(stage, `uniswap-v${version}`, "ETH-USDT");
  await (side === "buy" ? stage.trader.sell(market, PUSH_ETH) : stage.trader.buy(market, PUSH_ETH));
}

const routeOf = ({ symbol, buyExchange, sellExchange }: Opportunity) =>
  `${symbol} ${buyExchange} ${sellExchange}`;

/** What an opportunity does with pools: `3 sell` sells to one of the third version. */
function kindsOf({ buyExchange, sellExchange }: Opportunity): string[] {
  const [buy, sell] = [versionOf(buyExchange), versionOf(sellExchange)];
  return [...(buy ? [`${buy} buy`] : []), ...(sell ? [`${sell} sell`] : [])];
}
