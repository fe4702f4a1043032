/** An instrument that comes on another channel than the one that was asked for, over a real socket. */
import assert from "node:assert/strict";
import { QuoteState } from "../../../core/domain/quote.ts";
import { run, say, specOf, TinyExchange, until } from "./testing.ts";

const { fresh, withdrawn } = QuoteState;

async function running() {
  const exchange = new TinyExchange();
  exchange.list = JSON.stringify([["A-X", "AX", true]]);
  exchange.onRequest = ({ op, id }, socket) => {
    if (op !== "ping") socket.send(say.accepted(id));
  };
  const spec = specOf(["A-X"], { wsUrl: `ws://${exchange.host}/`, restUrl: `http://${exchange.host}` });
  const feed = run(spec);
  await until(() => feed.telemetry.instruments === 1, "subscribed");
  return { exchange, ...feed };
}

Deno.test("feed takes a deeper book of an instrument where the channel that it asked for stays silent", async () => {
  const { exchange, rows, telemetry, stop } = await running();
  exchange.send(say.snapshot("deep.AX", 1, [["9", "1"]], [["11", "2"]]));
  exchange.send(say.delta("deep.AX", 2, [["10", "3"]], []));
  await until(() => rows.at(0).bid === 10, "the quote of the deeper book");
  assert.deepEqual([rows.at(0).bidSize, rows.at(0).ask, rows.at(0).askSize], [3, 11, 2]);
  // Another channel that has no sizes makes no quote, and takes none away.
  exchange.send(say.top("prices.AX", ["9", ""], ["12", ""]));
  exchange.send(say.delta("deep.AX", 3, [["10.5", "4"]], []));
  await until(() => rows.at(0).bid === 10.5, "the next quote");
  assert.ok(rows.all.every(({ state }) => state === fresh));
  // The book that made the quote can take it away.
  exchange.send(say.delta("deep.AX", 5, [["10.6", "4"]], []));
  await until(() => rows.at(0).state === withdrawn && telemetry.gaps === 1, "withdrawn after a gap");
  stop();
  await exchange[Symbol.asyncDispose]();
});

Deno.test("feed listens to no other channel once the one that it asked for speaks", async () => {
  const { exchange, rows, telemetry, stop } = await running();
  exchange.send(say.snapshot("deep.AX", 1, [["9", "1"]], [["11", "2"]]));
  await until(() => rows.at(0).bid === 9, "the quote of the deeper book");
  exchange.send(say.top("t.AX", ["8", "1"], ["12", "2"]));
  exchange.send(say.delta("deep.AX", 2, [["10", "3"]], []));
  exchange.send(say.delta("deep.AX", 4, [["10", "3"]], []));
  exchange.send(say.top("deep.BX", ["1", "1"], ["2", "2"]));
  exchange.send(say.top("t.AX", ["8.5", "1"], ["12", "2"]));
  await until(() => rows.at(0).bid === 8.5, "the last quote of the own channel");
  assert.deepEqual(rows.all.map(({ bid }) => bid), [9, 8, 8.5]);
  assert.equal(telemetry.gaps, 0);
  stop();
  await exchange[Symbol.asyncDispose]();
});
