/**
 * Books put together from the frames are the emulator's own, on every channel, and nothing is wrong on the way:
 * sequences chained, checksums right. The rules are applied here in the plainest way, by the venues' documents.
 */
import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import type { VenueId } from "../../emulator/options.ts";
import { type Json, Session, until, withExchanges } from "./harness.ts";

type Level = [price: string, size: string];

/** One side by price as a number; texts stay as they came. */
class Side {
  readonly up: boolean;
  levels = new Map<number, Level>();

  constructor(up: boolean) {
    this.up = up;
  }

  apply(levels: Level[], depth = Infinity): void {
    for (const level of levels) {
      if (Number(level[1]) === 0) this.levels.delete(Number(level[0]));
      else this.levels.set(Number(level[0]), level);
    }
    this.levels = new Map(this.sorted().slice(0, depth).map((level) => [Number(level[0]), level]));
  }

  sorted(): Level[] {
    return [...this.levels.values()].sort(([a], [b]) =>
      this.up ? Number(a) - Number(b) : Number(b) - Number(a)
    );
  }
}

class Book {
  readonly bids = new Side(false);
  readonly asks = new Side(true);
  sequence = NaN;
  frames = 0;

  replace(bids: Level[], asks: Level[]): void {
    this.bids.levels.clear();
    this.asks.levels.clear();
    this.update(bids, asks);
  }

  update(bids: Level[], asks: Level[], depth?: number): void {
    this.bids.apply(bids, depth);
    this.asks.apply(asks, depth);
    this.frames++;
  }

  numbers(depth: number): { bids: number[][]; asks: number[][] } {
    const side = (side: Side) =>
      side.sorted().slice(0, depth).map(([price, size]) => [Number(price), Number(size)]);
    return { bids: side(this.bids), asks: side(this.asks) };
  }
}

/** A channel: what asks for it, how deep it is, and how its frames change a book. */
interface Channel {
  name: string;
  venue: VenueId;
  depth: number;
  subscribe: unknown;
  /** Applies a data frame; asserts what the venue promises. */
  read(text: string, frame: Json, book: Book): void;
}

const cut = (levels: Json): Level[] => (levels ?? []).map(([price, size]: Json) => [price, size]);

function bybit(depth: number): Channel {
  return {
    name: `orderbook.${depth}`,
    venue: "bybit",
    depth,
    subscribe: { op: "subscribe", args: [`orderbook.${depth}.BTCUSDT`] },
    read(_, { topic, type, data }, book) {
      if (topic === undefined) return;
      if (type === "snapshot") book.replace(data.b, data.a);
      else {
        assert.equal(data.u, book.sequence + 1);
        book.update(data.b, data.a);
      }
      book.sequence = data.u;
    },
  };
}

function okx(channel: string, depth: number): Channel {
  return {
    name: channel,
    venue: "okx",
    depth,
    subscribe: { op: "subscribe", args: [{ channel, instId: "BTC-USDT" }] },
    read(_, { action, data, event }, book) {
      if (event !== undefined) return;
      const { bids, asks, seqId, prevSeqId } = data[0];
      if (action !== "update") return book.replace(cut(bids), cut(asks)), void (book.sequence = seqId);
      assert.equal(prevSeqId, book.sequence);
      book.update(cut(bids), cut(asks));
      book.sequence = seqId;
    },
  };
}

function gate(channel: string, payload: string[], depth: number): Channel {
  return {
    name: channel,
    venue: "gateio",
    depth,
    subscribe: { time: 1, channel, event: "subscribe", payload },
    read(_, { event, result }, book) {
      if (event !== "update") return;
      if (channel === "spot.book_ticker") book.replace([[result.b, result.B]], [[result.a, result.A]]);
      else if (channel === "spot.order_book") book.replace(result.bids, result.asks);
      else if (result.full) book.replace(result.b, result.a);
      else {
        assert.equal(result.U, book.sequence + 1);
        book.update(cut(result.b), cut(result.a));
      }
      book.sequence = result.u ?? result.lastUpdateId;
    },
  };
}

function kraken(depth: number): Channel {
  return {
    name: `book ${depth}`,
    venue: "kraken",
    depth,
    subscribe: { method: "subscribe", params: { channel: "book", symbol: ["BTC/USDT"], depth } },
    read(text, { channel, type }, book) {
      if (channel !== "book") return;
      // JSON.parse would lose the trailing zeros that the checksum covers.
      const data = JSON.parse(text.replace(/"(price|qty)":([\d.]+)/gu, '"$1":"$2"')).data[0];
      const levels = (side: Json) => side.map(({ price, qty }: Json) => [price, qty]);
      if (type === "snapshot") book.replace(levels(data.bids), levels(data.asks));
      else book.update(levels(data.bids), levels(data.asks), depth);
      const digits = (side: Side) =>
        side.sorted().slice(0, 10).flat().map((number) => number.replace(".", "").replace(/^0+/u, "")).join(
          "",
        );
      assert.equal(data.checksum, crc32(digits(book.asks) + digits(book.bids)));
    },
  };
}

const CHANNELS: Channel[] = [
  ...[1, 50, 200, 1000].map(bybit),
  okx("bbo-tbt", 1),
  okx("books5", 5),
  okx("books", 400),
  gate("spot.book_ticker", ["BTC_USDT"], 1),
  gate("spot.order_book", ["BTC_USDT", "20", "100ms"], 20),
  gate("spot.obu", ["ob.BTC_USDT.50"], 50),
  gate("spot.obu", ["ob.BTC_USDT.400"], 400),
  ...[10, 25, 100, 500, 1000].map(kraken),
];

const ENOUGH_FRAMES = 150;

for (const channel of CHANNELS) {
  Deno.test(`book from ${channel.venue} ${channel.name} (${channel.depth}) ends as the emulator's own`, async () => {
    await withExchanges(["--rate", "4000", "--symbols", "BTC-USDT,ETH-USDT"], async ({ control, wsUrl }) => {
      const session = await Session.open(wsUrl(channel.venue));
      session.send(channel.subscribe);
      const book = new Book();
      while (book.frames < ENOUGH_FRAMES) await next(session, channel, book);
      // A lost side and its return are changes like others.
      await control("POST", `/${channel.venue}/oneSided?side=bid`);
      while (book.bids.levels.size > 0 && book.bids.sorted()[0]![0] !== "") {
        await next(session, channel, book);
      }
      await control("POST", `/${channel.venue}/resume`);
      for (let more = 0; more < 20; more++) await next(session, channel, book);
      await control("POST", "/freeze");
      const { bids, asks } = await control("GET", `/${channel.venue}/book/BTC-USDT?depth=${channel.depth}`);
      const numbers = (levels: Json) => levels.map((level: Json) => level.map(Number));
      const expected = { bids: numbers(bids), asks: numbers(asks) };
      assert.equal(expected.bids.length, channel.depth);
      while (JSON.stringify(book.numbers(channel.depth)) !== JSON.stringify(expected)) {
        await next(session, channel, book);
      }
      await session.close();
    });
  });
}

async function next(session: Session, channel: Channel, book: Book): Promise<void> {
  const text = await session.text((text) => text.startsWith("{"));
  channel.read(text, JSON.parse(text), book);
}

Deno.test("gate's differences continue the book that REST gives", async () => {
  await withExchanges(["--rate", "500", "--symbols", "BTC-USDT"], async ({ control, origin, wsUrl }) => {
    const session = await Session.open(wsUrl("gateio"));
    const payload = ["BTC_USDT", "100ms"];
    session.send({ time: 1, channel: "spot.order_book_update", event: "subscribe", payload });
    await session.frame((frame) => frame.event === "update");
    const url = `${origin("gateio")}/api/v4/spot/order_book?currency_pair=BTC_USDT&limit=100&with_id=true`;
    const base = await (await fetch(url)).json();
    const book = new Book();
    book.replace(base.bids, base.asks);
    book.sequence = base.id;
    const read = async () => {
      const { result } = await session.frame((frame) => frame.event === "update");
      if (result.u <= book.sequence) return;
      assert(result.U <= book.sequence + 1, `${result.U} leaves a gap after ${book.sequence}`);
      book.update(result.b, result.a);
      book.sequence = result.u;
    };
    while (book.frames < ENOUGH_FRAMES) await read();
    await control("POST", "/freeze");
    const { bids, asks } = await control("GET", "/gateio/book/BTC-USDT?depth=100");
    const expected = JSON.stringify(
      [...bids.slice(0, 50), ...asks.slice(0, 50)].map((level) => level.map(Number)),
    );
    const own = () => {
      const numbers = book.numbers(50);
      return JSON.stringify([...numbers.bids, ...numbers.asks]);
    };
    while (own() !== expected) await read();
    await session.close();
  });
});

Deno.test("bybit repeats orderbook.1 with the same u where nothing changes", async () => {
  await withExchanges(["--symbols", "BTC-USDT"], async ({ control, wsUrl }) => {
    const session = await Session.open(wsUrl("bybit"));
    await control("POST", "/freeze");
    session.send({ op: "subscribe", args: ["orderbook.1.BTCUSDT"] });
    const first = await session.frame((frame) => frame.topic !== undefined);
    const again = await session.frame((frame) => frame.topic !== undefined);
    assert.deepEqual(again.data, first.data);
    assert(again.ts > first.ts);
    await session.close();
  });
});

Deno.test("kraken's ticker follows the best prices", async () => {
  await withExchanges(["--symbols", "BTC-USDT"], async ({ control, wsUrl }) => {
    const session = await Session.open(wsUrl("kraken"));
    const params = { channel: "ticker", symbol: ["BTC/USDT"], event_trigger: "bbo" };
    session.send({ method: "subscribe", params });
    let last: Json;
    const isTicker = (frame: Json) => frame.channel === "ticker";
    for (let count = 0; count < 10; count++) last = await session.frame(isTicker);
    await control("POST", "/freeze");
    const { bid, ask } = await control("GET", "/kraken/book/BTC-USDT");
    const same = () => last.data[0].bid === Number(bid) && last.data[0].ask === Number(ask);
    while (!same()) last = await session.frame(isTicker);
    await session.close();
  });
});

Deno.test("ndjson sources send the middle price of every symbol and follow it", async () => {
  await withExchanges(["--symbols", "BTC-USDT,XRP-USDT"], async ({ control, exchanges }) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: exchanges.ports.exchange2! });
    const prices = new Map<string, number>();
    let lines = 0;
    const reading = (async () => {
      let rest = "";
      for await (const text of conn.readable.pipeThrough(new TextDecoderStream())) {
        const parts = (rest + text).split("\n");
        rest = parts.pop()!;
        for (const part of parts) {
          const line = JSON.parse(part);
          assert.deepEqual(Object.keys(line), ["symbol", "price", "timestamp"]);
          prices.set(line.symbol, line.price);
          lines++;
        }
      }
    })();
    await until(() => lines, (count) => count > 20);
    await control("POST", "/freeze");
    for (const symbol of ["BTC-USDT", "XRP-USDT"]) {
      const { bid, ask } = await control("GET", `/exchange2/book/${symbol}`);
      const middle = (Number(bid) + Number(ask)) / 2;
      await until(
        () => prices.get(symbol.replace("-", ""))!,
        (price) => Math.abs(price - middle) < middle * 1e-12,
      );
    }
    await control("POST", "/exchange2/close");
    await reading;
  });
});
