/** Recorded frames come out of the emulators as they were recorded. */
import assert from "node:assert/strict";
import type { VenueId } from "../../emulator/options.ts";
import { parseRecording } from "../../emulator/recording.ts";
import { readRecordings } from "../../emulator/recording_files.ts";
import { fixture, FIXTURES, type Json, Session, withExchanges } from "./harness.ts";

/** What asks for any topic of the recorded instrument. */
const RECORDED: readonly {
  venue: VenueId;
  file: string;
  subscribe: unknown;
  listed: [path: string, name: string];
}[] = [
  {
    venue: "bybit",
    file: "bybit/orderbook1_and_50_btcusdt_testnet_2026.jsonl",
    subscribe: { op: "subscribe", args: ["orderbook.1.BTCUSDT"] },
    listed: ["/v5/market/instruments-info?category=spot", '"symbol":"BTCUSDT"'],
  },
  {
    venue: "okx",
    file: "okx/bbo_tbt_and_books_btcusdtswap_2026.jsonl",
    subscribe: { op: "subscribe", args: [{ channel: "bbo-tbt", instId: "BTC-USDT-SWAP" }] },
    listed: ["/api/v5/public/instruments?instType=SPOT", '"instId":"BTC-USDT-SWAP"'],
  },
  {
    venue: "gateio",
    file: "gate/order_book_update_2021.jsonl",
    subscribe: { time: 1, channel: "spot.book_ticker", event: "subscribe", payload: ["HAI_ETH"] },
    listed: ["/api/v4/spot/currency_pairs", '"id":"HAI_ETH"'],
  },
  {
    venue: "kraken",
    file: "kraken/book10_btcusd_resubscribe_2026.jsonl",
    subscribe: { method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"], depth: 25 } },
    listed: ["/0/public/AssetPairs", '"XXBTZUSD"'],
  },
];

/** Recorded lines that are books or best prices, told by eye rather than by the emulator's own rules. */
function dataLines(lines: readonly string[]): string[] {
  return lines.filter((line) =>
    line.startsWith("{") &&
    !/"op":|"event":"(subscribe|error)"|"method":|heartbeat|"status"|rade|pong/u.test(line)
  );
}

for (const { venue, file, subscribe, listed: [path, name] } of RECORDED) {
  Deno.test(`${venue} replays ${file} word for word to every client from its beginning`, async () => {
    const lines = fixture(file);
    if (lines === undefined) return;
    const read = await readRecordings({ [venue]: new URL(file, FIXTURES).pathname });
    assert("recordings" in read);
    const expected = dataLines(lines);
    assert(expected.length > 5);
    await withExchanges(["--speed", "0"], async ({ origin, wsUrl }) => {
      assert((await (await fetch(origin(venue) + path)).text()).includes(name));
      for (let client = 0; client < 2; client++) {
        const session = await Session.open(wsUrl(venue));
        session.send(subscribe);
        for (const line of expected) {
          assert.equal(await session.text((text) => dataLines([text]).length > 0), line);
        }
        await session.close();
      }
    }, read.recordings);
  });
}

Deno.test("gate's recorded differences come with the REST books recorded beside them", async () => {
  const file = "gate/order_book_update_2021.jsonl";
  const [books] = [fixture("gate/order_book_update_2021.rest.jsonl")];
  if (books === undefined) return;
  const read = await readRecordings({ gateio: new URL(file, FIXTURES).pathname });
  assert("recordings" in read);
  await withExchanges([], async ({ origin }) => {
    const { url, body } = JSON.parse(books[0]!);
    const { pathname, search } = new URL(url);
    assert.deepEqual(await (await fetch(origin("gateio") + pathname + search)).json(), JSON.parse(body));
  }, read.recordings);
});

const frame = (ts: number, u: number) =>
  `{"topic":"orderbook.1.BTCUSDT","ts":${ts},"type":"snapshot","data":{"s":"BTCUSDT","b":[],"a":[],"u":${u},"seq":1}}`;

Deno.test("recording keeps the wire order, takes times that never go back, and skips what is not data", () => {
  const text = [
    '{"success":true,"op":"subscribe"}',
    frame(2000, 1),
    "pong",
    frame(1000, 2),
    '{"topic":"publicTrade.BTCUSDT","ts":9000}',
    frame(3000, 3),
  ].join("\n");
  const { frames, symbols } = parseRecording("bybit", text, []);
  assert.deepEqual(frames.map(({ text, at }) => [JSON.parse(text).data.u, at]), [[1, 2000], [2, 2000], [
    3,
    3000,
  ]]);
  assert.deepEqual(symbols, [{ venueSymbol: "BTCUSDT", symbol: "BTC-USDT" }]);
});

Deno.test("replay keeps the recorded pace, times the speed", async () => {
  // An hour apart: at a speed of 36,000 that is a tenth of a second each.
  const text = [0, 1, 2, 3].map((hour) => frame(1_700_000_000_000 + hour * 3_600_000, hour)).join("\n");
  await withExchanges(["--speed", "36000"], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    const asked = performance.now();
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT"] });
    for (let hour = 0; hour < 4; hour++) await session.frame((frame: Json) => frame.data?.u === hour);
    // From the question on: the first frame may be late where the others, due by the same clock, are not.
    const took = performance.now() - asked;
    assert(took >= 300, `All had come after ${took} ms`);
    await session.close();
  }, { bybit: { text } });
});

Deno.test("replay at speed 0 waits for a client that reads slowly instead of cutting it", async () => {
  const count = 100_000;
  const text = Array.from({ length: count }, (_, at) => frame(1_700_000_000_000 + at, at)).join("\n");
  await withExchanges(["--speed", "0"], async ({ control, wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT"] });
    await session.frame((frame: Json) => frame.data?.u === count - 1);
    assert.equal((await control("GET", "/")).venues.bybit.slowClientsCut, 0);
    await session.close();
  }, { bybit: { text } });
});

Deno.test("a replay that cannot be read is named with its file", async () => {
  const read = await readRecordings({ okx: "/nowhere/frames.jsonl" });
  assert("problems" in read);
  assert.match(read.problems[0]!, /^--replay okx=\/nowhere\/frames\.jsonl cannot be read/u);
});
