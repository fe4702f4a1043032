/** Live mode against the emulated exchanges, as `deno task exchanges` and emulated.yaml run it. */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import { startExchanges, VENUES, venuesOf } from "./exchanges.ts";
import { pause, ROOT, until } from "./process.ts";
import { type Config, startProgram } from "./program.ts";

/** emulated.yaml itself, with its ports exchanged for those that are free here. */
function emulatedConfig(ports: Readonly<Record<string, number>>): Config {
  const base = 40200;
  const offsets: Record<string, number> = { bybit: 1, okx: 2, gateio: 3, kraken: 4 };
  let text = Deno.readTextFileSync(new URL("emulated.yaml", ROOT));
  for (const [venue, offset] of Object.entries(offsets)) {
    assert.ok(text.includes(`:${base + offset}`), `emulated.yaml leads ${venue} to port ${base + offset}`);
    text = text.replaceAll(`:${base + offset}`, `:${ports[venue]}`);
  }
  const config = parseYaml(text);
  config.venues.ndjson.sources = {
    exchange1: `127.0.0.1:${ports.exchange1}`,
    exchange2: `127.0.0.1:${ports.exchange2}`,
    exchange3: `127.0.0.1:${ports.exchange3}`,
  };
  return config;
}

Deno.test("emulated.yaml leads to opportunities that involve all four venues", async () => {
  await using exchanges = await startExchanges();
  await using program = await startProgram(emulatedConfig(exchanges.ports));
  const involved = new Set<string>();
  await until("all four venues had a part in an opportunity", async () => {
    for (const one of await program.opportunities()) involved.add(one.buyExchange).add(one.sellExchange);
    return VENUES.every((venue) => involved.has(venue));
  });
  await until("every symbol has a quote everywhere", async () => {
    const { mode, status } = await program.health();
    assert.equal(mode, "live");
    const venues = await program.venues();
    return status === "ok" &&
      venues.every((venue) => venue.freshQuotes === 10 * venue.exchanges.length && venue.connected);
  });
  const page = await (await fetch(program.url)).text();
  assert.match(page, /BTC-USDT/u);
});

Deno.test("an opportunity is what its two quotes make of it", async () => {
  await using exchanges = await startExchanges();
  await using program = await startProgram({ mode: "live", venues: venuesOf(exchanges) });
  const control = (what: string) =>
    fetch(`http://127.0.0.1:${exchanges.ports.control}/${what}`, { method: "POST" });
  await until("the market stands while something is open", async () => {
    await control("freeze");
    // What is under way arrives, and from then on both answers are about the same moment.
    await pause(500);
    if ((await program.opportunities()).length > 0) return true;
    await control("thaw");
    return false;
  });
  const fees = new Map((await program.venues()).map(({ id, takerFeeBps }) => [id, takerFeeBps / 10_000]));
  await until("opportunities agree with the quotes that they rest on", async () => {
    const opportunities = await program.opportunities();
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
    return right.length > 0 && right.every(Boolean);
  });
});
