/** What the emulators say has the shape of what the venues were recorded saying. */
import assert from "node:assert/strict";
import { differences, fixture, type Json, Session, withExchanges } from "./harness.ts";

/** The frame in a line (1-based) of a recorded file. */
function recorded(path: string, line: number): Json | undefined {
  const text = fixture(path)?.[line - 1];
  return text === undefined ? undefined : JSON.parse(text);
}

function sameShape(said: Json, path: string, line: number): void {
  const frame = recorded(path, line);
  if (frame !== undefined) assert.deepEqual(differences(said, frame), [], `${path}:${line}`);
}

const BYBIT = "bybit/orderbook1_and_50_btcusdt_testnet_2026.jsonl";

Deno.test("bybit acknowledges, refuses, beats and quotes in the recorded shapes", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT", "orderbook.50.BTCUSDT"], req_id: "sub1" });
    const ack = await session.frame();
    sameShape(ack, BYBIT, 1);
    assert.equal(ack.req_id, "sub1");
    assert.equal(ack.ret_msg, "subscribe");
    sameShape(await session.frame((frame) => frame.topic === "orderbook.1.BTCUSDT"), BYBIT, 3);
    sameShape(
      await session.frame((frame) =>
        frame.type === "delta" && frame.data.b.length > 0 && frame.data.a.length > 0
      ),
      BYBIT,
      5,
    );
    session.send({ op: "ping", req_id: "p1" });
    sameShape(await session.frame((frame) => frame.ret_msg === "pong"), BYBIT, 4);
    session.send({ op: "subscribe", args: ["orderbook.50.NOSUCHSYM"] });
    const refusal = await session.frame((frame) => frame.success === false);
    sameShape(refusal, BYBIT, 43);
    assert.equal(refusal.ret_msg, "Invalid symbol :[orderbook.50.NOSUCHSYM]");
    await session.close();
  });
});

Deno.test("bybit snapshot has the recorded shape", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    session.send({ op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
    const ack = await session.frame();
    sameShape(ack, "bybit/samples.jsonl", 9);
    const snapshot = await session.frame();
    sameShape(snapshot, BYBIT, 2);
    assert.equal(snapshot.type, "snapshot");
    assert.equal(snapshot.data.b.length, 50);
    await session.close();
  });
});

Deno.test("bybit refuses a whole request for one bad topic, a duplicate, or more than ten topics", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    const refused = async (args: string[]) => {
      session.send({ op: "subscribe", args });
      return String(
        (await session.frame((frame) => frame.op === "subscribe" && frame.success === false)).ret_msg,
      );
    };
    assert.match(await refused(["orderbook.1.BTCUSDT", "orderbook.1.NOPE"]), /Invalid symbol/u);
    assert.equal(await refused(["kline.1.BTCUSDT"]), "error:handler not found,topic:kline.1.BTCUSDT");
    assert.equal(await refused(Array(11).fill("orderbook.1.BTCUSDT")), "args size >10");
    // Nothing of the refused requests was subscribed, else this would be a duplicate.
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT"] });
    await session.frame((frame) => frame.success === true);
    assert.match(await refused(["orderbook.1.BTCUSDT"]), /already subscribed/u);
    session.send({ op: "unsubscribe", args: ["orderbook.1.BTCUSDT"] });
    await session.frame((frame) => frame.op === "unsubscribe" && frame.success === true);
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT"] });
    await session.frame((frame) => frame.op === "subscribe" && frame.success === true);
    await session.close();
  });
});

const OKX = "okx/bbo_tbt_and_books_btcusdtswap_2026.jsonl";

Deno.test("okx acknowledges, refuses, beats and quotes in the recorded shapes", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("okx"));
    const args = [{ channel: "books", instId: "BTC-USDT" }, { channel: "bbo-tbt", instId: "BTC-USDT" }];
    session.send({ id: "md", op: "subscribe", args });
    sameShape(await session.frame((frame) => frame.event === "subscribe"), OKX, 1);
    const snapshot = await session.frame((frame) => frame.action === "snapshot");
    sameShape(snapshot, OKX, 4);
    assert.equal(snapshot.data[0].prevSeqId, -1);
    assert.equal(snapshot.data[0].bids.length, 400);
    sameShape(await session.frame((frame) => frame.event === "subscribe"), OKX, 2);
    sameShape(await session.frame((frame) => frame.arg?.channel === "bbo-tbt"), OKX, 3);
    const update = await session.frame((frame) =>
      frame.action === "update" && frame.data[0].asks.length > 0 && frame.data[0].bids.length > 0
    );
    sameShape(update, OKX, 7);
    session.send("ping");
    await session.text((text) => text === "pong");
    session.send({ op: "subscribe", args: [{ channel: "candle1m", instId: "BTC-USDT" }] });
    const refusal = await session.frame((frame) => frame.event === "error");
    sameShape(refusal, "okx/samples.jsonl", 15);
    assert.equal(refusal.msg, recorded("okx/samples.jsonl", 15)?.msg ?? refusal.msg);
    session.send({ op: "subscribe", args: [{ channel: "tickers", instId: "BTC-USDT" }] });
    sameShape(await session.frame((frame) => frame.event === "subscribe"), "okx/samples.jsonl", 14);
    sameShape(await session.frame((frame) => frame.arg?.channel === "tickers"), "okx/samples.jsonl", 16);
    await session.close();
  });
});

Deno.test("okx answers every argument for itself", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("okx"));
    const arg = (instId: string) => ({ channel: "bbo-tbt", instId });
    session.send({ op: "subscribe", args: [arg("ETH-USDT"), arg("NOPE-USDT"), arg("SOL-USDT")] });
    assert.equal((await session.frame((frame) => frame.event === "subscribe")).arg.instId, "ETH-USDT");
    assert.match(
      String((await session.frame((frame) => frame.event === "error")).msg),
      /instId:NOPE-USDT doesn't/u,
    );
    assert.equal((await session.frame((frame) => frame.event === "subscribe")).arg.instId, "SOL-USDT");
    await session.close();
  });
});

Deno.test("okx closes a connection whose request is longer than 64 KB", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("okx"));
    session.send({ op: "subscribe", args: Array(2000).fill({ channel: "bbo-tbt", instId: "BTC-USDT" }) });
    assert.equal((await session.untilClosed()).code, 1009);
  });
});

Deno.test("gate acknowledges, refuses, beats and quotes in the recorded shapes", async () => {
  await withExchanges([], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("gateio"));
    const say = (channel: string, event: string, payload?: string[]) =>
      session.send({ time: 1_790_000_000, channel, event, ...(payload === undefined ? {} : { payload }) });
    const of = (channel: string, event: string) => (frame: Json) =>
      frame.channel === channel && frame.event === event;
    say("spot.book_ticker", "subscribe", ["BTC_USDT"]);
    sameShape(await session.frame(of("spot.book_ticker", "subscribe")), "gate/samples.jsonl", 7);
    sameShape(await session.frame(of("spot.book_ticker", "update")), "gate/samples.jsonl", 10);
    say("spot.order_book", "subscribe", ["BTC_USDT", "20", "100ms"]);
    sameShape(await session.frame(of("spot.order_book", "subscribe")), "gate/samples.jsonl", 7);
    sameShape(await session.frame(of("spot.order_book", "update")), "gate/samples.jsonl", 12);
    say("spot.order_book_update", "subscribe", ["BTC_USDT", "100ms"]);
    const difference = await session.frame((frame) =>
      of("spot.order_book_update", "update")(frame) && frame.result.b.length > 0
    );
    assert.deepEqual(Object.keys(difference.result).sort(), [
      ...["E", "U", "a", "b", "e", "s", "t", "u"],
    ]);
    say("spot.obu", "subscribe", ["ob.BTC_USDT.400"]);
    const full = await session.frame((frame) =>
      of("spot.obu", "update")(frame) && frame.result.full === true
    );
    sameShape(full, "gate/samples.jsonl", 4);
    assert.equal(full.result.b.length, 400);
    sameShape(await session.frame(of("spot.obu", "subscribe")), "gate/samples.jsonl", 3);
    say("spot.obu", "subscribe", ["ob.BTC_USDT.400"]);
    const again = await session.frame((frame) => frame.result?.status === "fail");
    assert.deepEqual(again.error, { code: 2, message: "Alert sub ob.BTC_USDT.400" });
    say("spot.order_book_update", "subscribe", ["NOPE_USD", "100ms"]);
    const refusal = await session.frame((frame) => frame.result?.status === "fail");
    sameShape(refusal, "gate/samples.jsonl", 9);
    assert.deepEqual(refusal.error, recorded("gate/samples.jsonl", 9)?.error ?? refusal.error);
    say("spot.ping", "");
    sameShape(await session.frame((frame) => frame.channel === "spot.pong"), "gate/samples.jsonl", 8);
    await session.close();
  });
});

Deno.test("gate increments of obu are chained and may lack both sides, as recorded", async () => {
  await withExchanges(["--rate", "2000", "--symbols", "BTC-USDT"], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("gateio"));
    session.send({ time: 1, channel: "spot.obu", event: "subscribe", payload: ["ob.BTC_USDT.50"] });
    let last = Number((await session.frame((frame) => frame.result?.full === true)).result.u);
    for (let count = 0; count < 200; count++) {
      const { result } = await session.frame((frame) => frame.event === "update");
      assert.equal(result.U, last + 1);
      assert(result.u >= result.U);
      last = result.u;
    }
    await session.close();
  });
});

const KRAKEN = "kraken/book10_btcusd_resubscribe_2026.jsonl";

Deno.test("kraken greets, acknowledges, refuses, beats and quotes in the recorded shapes", async () => {
  await withExchanges(["--symbols", "BTC-USD"], async ({ wsUrl }) => {
    const session = await Session.open(wsUrl("kraken"));
    const greeting = await session.text(() => true);
    sameShape(JSON.parse(greeting), "kraken/samples.jsonl", 9);
    assert(BigInt(/"connection_id":(\d+)/u.exec(greeting)![1]!) > 1n << 63n);
    session.send({ method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"] } });
    sameShape(await session.frame((frame) => frame.method === "subscribe"), KRAKEN, 2);
    const snapshot = await session.frame((frame) => frame.type === "snapshot");
    sameShape(snapshot, KRAKEN, 3);
    assert.equal(snapshot.data[0].bids.length, 10);
    await session.frame((frame) => frame.channel === "heartbeat");
    sameShape(
      await session.frame((frame) => frame.type === "update" && frame.data[0].asks.length > 0),
      KRAKEN,
      5,
    );
    const params = { channel: "ticker", symbol: ["BTC/USD"], event_trigger: "bbo" };
    session.send({ method: "subscribe", params, req_id: 1 });
    sameShape(await session.frame((frame) => frame.method === "subscribe"), "kraken/samples.jsonl", 4);
    sameShape(await session.frame((frame) => frame.channel === "ticker"), "kraken/samples.jsonl", 12);
    session.send({ method: "ping", req_id: 42 });
    sameShape(await session.frame((frame) => frame.method === "pong"), "kraken/samples.jsonl", 2);
    session.send({ method: "subscribe", params: { channel: "book", symbol: ["BTC/USD"], depth: 7 } });
    sameShape(await session.frame((frame) => frame.success === false), "kraken/samples.jsonl", 6);
    session.send({ method: "subscribe", params: { channel: "book", symbol: ["XBT/USD"] } });
    const refusal = await session.frame((frame) => frame.success === false);
    sameShape(refusal, "kraken/samples.jsonl", 11);
    assert.equal(refusal.error, "Currency pair not supported XBT/USD");
    session.send({ method: "unsubscribe", params: { channel: "book", symbol: ["BTC/USD"], depth: 10 } });
    const line = fixture(KRAKEN)?.findIndex((text) => text.includes('"method":"unsubscribe"')) ?? 0;
    sameShape(await session.frame((frame) => frame.method === "unsubscribe"), KRAKEN, line + 1);
    await session.close();
  });
});

/** Keys that every recorded row of an instrument list has in common with the emulator's. */
function keysOf(rows: readonly unknown[]): string[] {
  const [first = {}, ...others] = rows.map((row) => new Set(Object.keys(row as object)));
  return [...first as Set<string>].filter((key) => others.every((keys) => keys.has(key))).sort();
}

Deno.test("instrument lists have the keys of the recorded ones", async () => {
  await withExchanges(["--symbols", "BTC-USD,DOGE-USD,BTC-USDT"], async ({ origin }) => {
    const get = async (venue: string, path: string) => await (await fetch(origin(venue) + path)).json();
    const lists: [string, string, string, (body: Json) => unknown[]][] = [
      [
        "bybit",
        "/v5/market/instruments-info?category=spot&limit=1000",
        "bybit/instruments_spot.json",
        (body) => body.result.list,
      ],
      [
        "okx",
        "/api/v5/public/instruments?instType=SPOT",
        "okx/instruments_spot_nautilus.json",
        (body) => body.data!,
      ],
      ["gateio", "/api/v4/spot/currency_pairs", "gate/instruments_pairs_2026.json", (body) => body],
      [
        "kraken",
        "/0/public/AssetPairs",
        "kraken/instruments_assetpairs_2026.json",
        (body) => Object.values(body.result),
      ],
    ];
    for (const [venue, path, file, rows] of lists) {
      const own = rows(await get(venue, path));
      assert.equal(own.length, 3);
      const text = fixture(file)?.join("\n");
      if (text === undefined) continue;
      const missing = keysOf(rows(JSON.parse(text).body)).filter((key) => !keysOf(own).includes(key));
      assert.deepEqual(missing, [], venue);
    }
    const pairs = (await get("kraken", "/0/public/AssetPairs")).result;
    assert.deepEqual(Object.keys(pairs), ["XXBTZUSD", "XDGUSD", "XBTUSDT"]);
    assert.equal(pairs.XDGUSD.wsname, "XDG/USD");
    assert.equal(pairs.XBTUSDT.base, "XXBT");
  });
});
