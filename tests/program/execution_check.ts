/** Whether what was done by hand is what an opportunity promised. */
import assert from "node:assert/strict";
import type { Done, LegDone } from "./execution.ts";

/** What a ladder may leave out of what a pool pays: the distance of its chords from the curve. */
const CHORD_BPS = 0.02;
/** The noise of binary fractions, and of the twelve digits that the program writes. */
const ROUNDING = 1e-9;
const say = Deno.env.get("SAY") === undefined ? () => {} : (what: string) => console.log(what);

/** What is left over is what was shown, and so is each part of it. */
export function checkDone({ shown, buy, sell, dustQuote }: Done): void {
  const { sizeBase, notionalQuote, buyPrice, sellPrice, feesQuote, impactQuote, gasQuote, profitQuote } =
    shown;
  const what = `${shown.symbol} ${shown.buyExchange} ${shown.sellExchange} ${sizeBase}`;
  const near = (name: string, actual: number, expected: number, off = ROUNDING * notionalQuote) =>
    assert.ok(Math.abs(actual - expected) <= off, `${what}: ${name} is ${actual}, shown is ${expected}`);
  /** `better`: how much more favourable it was than shown. */
  const leg = (name: string, { pool }: LegDone, better: number) => {
    const most = pool === undefined ? 0 : CHORD_BPS / 10_000 * notionalQuote;
    const dust = pool === undefined ? ROUNDING * notionalQuote : dustQuote;
    assert.ok(better >= -dust && better <= most + dust, `${what}: the ${name} leg is better by ${better}`);
    return better;
  };
  const betterBy = leg("buy", buy, buyPrice * sizeBase - buy.quote) +
    leg("sell", sell, sell.quote - sellPrice * sizeBase);
  near("notional", sizeBase * buyPrice, notionalQuote);

  const fees = [buy, sell].map(({ pool, mid, takerFeeQuote }, n) =>
    pool === undefined ? takerFeeQuote : pool.feePpm / 1e6 * (n === 0 ? buyPrice * sizeBase : sizeBase * mid)
  );
  near("fees", fees[0]! + fees[1]!, feesQuote);
  const pools = [buy, sell].flatMap(({ pool }) => pool ?? []);
  near("gas", pools.reduce((sum, pool) => sum + pool.gasQuote, 0), gasQuote);
  const grossQuote = shown.grossBps / 10_000 * notionalQuote;
  near("gross", sizeBase * (sell.mid - buy.mid), grossQuote);
  near("what all parts make", feesQuote + impactQuote + gasQuote + profitQuote, grossQuote);

  const received = sell.quote - sell.takerFeeQuote;
  const paid = buy.quote + buy.takerFeeQuote;
  const net = received - paid - gasQuote;
  near("what is left", net - betterBy, profitQuote, 2 * dustQuote + ROUNDING * notionalQuote);
  // Gas is counted with more than a swap takes: what is not used is left over on top.
  const gasPaid = pools.reduce((sum, pool) => sum + pool.gasPaidQuote, 0);
  const kept = received - paid - gasPaid;
  assert.ok(kept >= profitQuote - 2 * dustQuote, `${what}: ${kept} is kept, shown is ${profitQuote}`);
  for (const { gasUsed, gasUnits, boughtBase } of pools) {
    assert.ok(gasUsed <= gasUnits, `${what}: ${gasUsed} gas was used, ${gasUnits} is counted`);
    if (boughtBase !== undefined) leg("exact in", buy, (boughtBase - sizeBase) * buyPrice);
  }
  const used = pools.map(({ gasUsed, gasUnits }) => `${gasUsed} of ${gasUnits}`);
  say(
    `${what}: ${notionalQuote.toFixed(2)}, gross ${grossQuote.toFixed(4)}, fees ${feesQuote.toFixed(4)}, ` +
      `impact ${impactQuote.toFixed(4)}, gas ${gasQuote.toFixed(4)} (${used}), shown ${
        profitQuote.toFixed(6)
      }, ` +
      `left ${net.toFixed(6)}, with the gas that was used ${kept.toFixed(6)}, better by ${
        (betterBy / notionalQuote * 10_000).toFixed(5)
      } bps`,
  );
}
