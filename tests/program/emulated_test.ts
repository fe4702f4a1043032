/** Live mode against the emulated exchanges, as `deno task exchanges` and emulated.yaml run it. */
import assert from "node:assert/strict";
import { emulatedConfig } from "./emulated.ts";
import { type Exchanges, startExchanges, startExchangesWithChain, VENUES, venuesOf } from "./exchanges.ts";
import { anvilTest } from "../tools/anvil.ts";
import { pause, until } from "./process.ts";
import { startProgram } from "./program.ts";

/** Every venue has a part in an opportunity, and every symbol a quote where it is listed. */
async function runs(exchanges: Exchanges, venues: readonly string[]): Promise<void> {
  const config = emulatedConfig(exchanges);
  await using program = await startProgram(config);
  const involved = new Set<string>();
  await until(`each of ${venues} had a part in an opportunity`, async () => {
    for (const one of await program.opportunities()) involved.add(one.buyExchange).add(one.sellExchange);
    return venues.every((venue) => involved.has(venue));
  });
  const listed = (venue: string) => venue.startsWith("uniswap-") ? POOL_SYMBOLS : config.symbols.length;
  await until("every symbol has a quote everywhere", async () => {
    const { mode, status } = await program.health();
    assert.equal(mode, "live");
    const all = await program.venues();
    return status === "ok" &&
      all.every(({ id, freshQuotes, exchanges, connected }) =>
        freshQuotes === listed(id) * exchanges.length && connected
      );
  });
  const page = await (await fetch(program.url)).text();
  assert.match(page, /BTC-USDT/u);
}

/** Each version has pools for so many of the symbols. */
const POOL_SYMBOLS = 3;

Deno.test("emulated.yaml leads to opportunities that involve all four exchanges", async () => {
  await using exchanges = await startExchanges();
  await runs(exchanges, VENUES);
});

anvilTest("emulated.yaml leads to opportunities that involve pools of both versions", async () => {
  await using exchanges = await startExchangesWithChain();
  await runs(exchanges, [...VENUES, "uniswap-v2", "uniswap-v3"]);
});

Deno.test("an opportunity is what its two quotes make of it", async () => {
  await using exchanges = await startExchanges();
  await using program = await startProgram({ mode: "live", venues: venuesOf(exchanges) });
  const control = (what: string) =>
    fetch(`http://127.0.0.1:${exchanges.ports.control}/${what}`, { method: "POST" });
  const stand = () =>
    until("the market stands while something is open", async () => {
      await control("freeze");
      // What is under way arrives, and from then on both answers are about the same moment.
      await pause(500);
      if ((await program.opportunities()).length > 0) return true;
      await control("thaw");
      return false;
    });
  await stand();
  const fees = new Map((await program.venues()).map(({ id, takerFeeBps }) => [id, takerFeeBps / 10_000]));
  await until("opportunities agree with the quotes that they rest on", async () => {
    const opportunities = await program.opportunities();
    if (opportunities.length === 0) {
      // What was still under way has ended the last one.
      await control("thaw");
      await stand();
      return false;
    }
    const right = await Promise.all(opportunities.map(async (one) => {
      const [buy, sell] = await Promise.all([
        program.quote(one.buyExchange, one.symbol),
        program.quote(one.sellExchange, one.symbol),
      ]);
      if (buy?.ask !== one.buyPrice || sell?.bid !== one.sellPrice) return false;
      const paid = one.buyPrice * (1 + fees.get(one.buyExchange)!);
      const got = one.sellPrice * (1 - fees.get(one.sellExchange)!);
      return Math.abs((got / paid - 1) * 10_000 - one.netBps) < 0.01 &&
        one.sizeBase === Math.min(buy.askSize!, sell.bidSize!);
    }));
    return right.every(Boolean);
  });
});
