/** Whatever happens on the way, a table made of the client's events ends as the market is. */
import assert from "node:assert/strict";
import {
  applyToOpportunities,
  applyToQuotes,
  followOpportunities,
  followQuotes,
  json,
  type Opportunity,
  type Quote,
  quoteKey,
} from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import { openProgram, SYMBOLS, until } from "../api/program.ts";
import { TcpProxy } from "../archive/proxy.ts";
import { seeded } from "../random.ts";

const STEPS = 150;

for (const [seed, format] of [[1, json], [2, protobuf], [3, json], [4, protobuf]] as const) {
  Deno.test(`after cuts, pauses and other filters a slow loop has what the API says (seed ${seed})`, async () => {
    const random = seeded(seed);
    const oneOf = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)]!;
    await using program = openProgram({ limits: { maxBufferedBytes: 8000, replayEvents: 20 } });
    await using server = await program.serve();
    await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.port });
    const options = { format, firstWaitMs: 2, longestWaitMs: 10, maxWaitingRows: 2 };
    using stream = followOpportunities(`http://127.0.0.1:${proxy.port}`, options);
    using quotes = followQuotes(`http://127.0.0.1:${proxy.port}`, options);
    const table = new Map<string, Opportunity>();
    const quoted = new Map<string, Quote>();
    let wait = Promise.resolve();
    let symbol: string | undefined;
    let filterHolds = true;
    const loops = [
      (async () => {
        for await (const event of stream) {
          applyToOpportunities(table, event);
          if (event.type === "subscribed") filterHolds = event.filter.symbol === symbol;
          await wait;
        }
      })(),
      (async () => {
        for await (const event of quotes) {
          applyToQuotes(quoted, event);
          await wait;
        }
      })(),
    ];

    let goOn = () => {};
    for (let step = 0; step < STEPS; step++) {
      const dice = random();
      if (dice < 0.8) {
        const bid = 95 + 10 * random();
        await program.quote(oneOf(["bybit", "okx", "kraken"]), oneOf(SYMBOLS), bid, bid + 0.01);
      } else if (dice < 0.86) proxy.cut();
      else if (dice < 0.9) {
        goOn();
        wait = new Promise((resolve) => goOn = resolve);
      } else if (dice < 0.96) goOn();
      else if (dice < 0.98) {
        symbol = oneOf([undefined, ...SYMBOLS]);
        filterHolds = false;
        stream.subscribe({ symbol });
      } else await program.withdraw("okx", oneOf(SYMBOLS));
    }
    goOn();
    wait = Promise.resolve();

    const expected = async () => {
      const { body } = await program.get(`/opportunities?symbol=${symbol ?? ""}`);
      return body.opportunities.map(({ id, updatedAt }: Opportunity) => `${id} ${updatedAt}`).sort().join();
    };
    const shown = (rows: ReadonlyMap<string, Opportunity>) =>
      [...rows.values()].map(({ id, updatedAt }) => `${id} ${Math.round(updatedAt)}`).sort().join();
    const told = await expected();
    await until(
      `the table is that of the API: ${told}`,
      () => filterHolds && shown(stream.rows) === told && shown(table) === told,
    );
    const bids = new Map<string, number>();
    for (const each of SYMBOLS) {
      for (const quote of program.market.quotes(each)) bids.set(quoteKey(quote), quote.bid!);
    }
    const same = (rows: ReadonlyMap<string, Quote>) =>
      rows.size === bids.size && [...rows].every(([key, { bid }]) => Math.abs(bids.get(key)! - bid!) < 1e-9);
    await until("the quotes are those of the market", () => same(quotes.rows) && same(quoted));
    stream.close();
    quotes.close();
    await Promise.all(loops);
    assert.equal(await stream.closed, undefined);
  });
}
