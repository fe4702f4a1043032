/** Books of differences on a base that is read over REST, over a real socket and a real server. */
import assert from "node:assert/strict";
import { QuoteState } from "../../../core/domain/quote.ts";
import type { FeedTuning } from "./tuning.ts";
import { run, say, specOf, TinyExchange, tinyVenue, until } from "./testing.ts";
import type { Level, Venue } from "./venue.ts";

const { fresh, withdrawn } = QuoteState;

/** The tiny venue with books that go on from `/book/<name>`; the body is the snapshot as a frame would have it. */
function venue(): Venue {
  const tiny = tinyVenue();
  return {
    ...tiny,
    base: {
      path: (_topic, name) => name.startsWith("S") ? null : `/book/${name}`,
      parse(_name, body) {
        let parsed: Parameters<Parameters<Venue["map"]>[1]>[0] | undefined;
        tiny.map(body, (event) => parsed = event);
        return parsed!;
      },
    },
  };
}

async function running(tuning: Partial<FeedTuning> = {}) {
  const exchange = new TinyExchange();
  exchange.list = JSON.stringify([["A-X", "AX", true], ["S-X", "SX", true]]);
  exchange.onRequest = ({ op, id }, socket) => {
    if (op !== "ping") socket.send(say.accepted(id));
  };
  const at = { wsUrl: `ws://${exchange.host}/`, restUrl: `http://${exchange.host}` };
  const feed = run(specOf(["A-X", "S-X"], at), tuning, venue());
  await until(() => feed.telemetry.instruments === 2, "subscribed");
  const delta = (sequence: number, bid: Level) => exchange.send(say.delta("t.AX", sequence, [bid], []));
  const base = (sequence: number) => {
    exchange.list = say.snapshot("t.AX", sequence, [["1", "1"]], [["100", "1"]]);
  };
  const reads = () => exchange.asked.filter((path) => path === "/book/AX").length;
  return { exchange, delta, base, reads, ...feed };
}

Deno.test("differences wait for their base, those that it holds are dropped, the others go on from it", async () => {
  const { exchange, delta, base, reads, rows, telemetry, stop } = await running();
  base(6);
  delta(5, ["5", "1"]);
  delta(6, ["6", "1"]);
  delta(7, ["7", "1"]);
  await until(() => rows.at(0).bid === 7, "the quote");
  delta(8, ["8", "1"]);
  await until(() => rows.at(0).bid === 8, "the next quote");
  assert.deepEqual(rows.all.filter(({ bid }) => bid === 5 || bid === 6), []);
  assert.deepEqual([reads(), telemetry.gaps, rows.at(0).state], [1, 0, fresh]);
  stop();
  await exchange[Symbol.asyncDispose]();
});

Deno.test("a base that does not reach the differences is a gap, and is read again", async () => {
  const { exchange, delta, base, reads, rows, telemetry, stop } = await running({ baseRetryMs: 1 });
  base(2);
  delta(5, ["5", "1"]);
  await until(() => telemetry.gaps === 1 && rows.at(0).state === withdrawn, "a gap");
  base(6);
  let sequence = 6;
  await until(() => {
    delta(++sequence, [`${sequence}`, "1"]);
    return rows.at(0).state === fresh && rows.at(0).bid! >= 7;
  }, "the quote");
  assert.ok(reads() >= 2);
  stop();
  await exchange[Symbol.asyncDispose]();
});

Deno.test("a base that cannot be had is told, and asked for no more often than it may be", async () => {
  const { exchange, delta, reads, rows, logs, stop } = await running();
  exchange.list = null;
  delta(5, ["5", "1"]);
  await until(() => logs.some(({ message }) => message === "Base of a book cannot be had"), "a warning");
  const problem = logs.find(({ message }) => message === "Base of a book cannot be had")!.fields.problem;
  assert.match(`${problem}`, /\/book\/AX answers with status 500/);
  delta(6, ["6", "1"]);
  // A topic without a base waits for its snapshot and asks for nothing.
  exchange.send(say.delta("t.SX", 5, [["5", "1"]], []));
  exchange.send(say.snapshot("t.SX", 9, [["5", "1"]], [["6", "1"]]));
  await until(() => rows.at(1).state === fresh, "the other topic's quote");
  assert.deepEqual([reads(), rows.at(0).state], [1, withdrawn]);
  assert.ok(!exchange.asked.includes("/book/SX"));
  stop();
  await exchange[Symbol.asyncDispose]();
});
