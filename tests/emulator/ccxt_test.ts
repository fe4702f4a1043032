/**
 * A client that knows nothing of this project, ccxt, reads the emulators: they speak the venues' protocols and not
 * only what our own connectors expect. The market stands still while values are compared, so there is no race.
 */
import assert from "node:assert/strict";
import * as ccxt from "../tools/ccxt.ts";
import { emulatedExchange } from "../tools/ccxt_exchange.ts";
import { type Json, type Rig, until, withExchanges } from "./harness.ts";

const DEPTH = 5;

/** A ccxt exchange that reads the emulator of `venue`; `name` is ccxt's word for it. */
function newExchange(rig: Rig, venue: string, name: "bybit" | "okx" | "gate" | "kraken", options = {}): Json {
  return emulatedExchange(rig.origin(venue), name, options);
}

/** The emulator's own view, with numbers as ccxt has them. */
async function truth(
  rig: Rig,
  venue: string,
  symbol: string,
): Promise<{ bids: number[][]; asks: number[][] }> {
  const { bids, asks } = await rig.control(
    "GET",
    `/${venue}/book/${symbol.replace("/", "-")}?depth=${DEPTH}`,
  );
  const numbers = (levels: string[][]) => levels.map((level) => level.map(Number));
  return { bids: numbers(bids), asks: numbers(asks) };
}

function best(book: Json): { bids: number[][]; asks: number[][] } {
  const side = (levels: Json) =>
    [...levels].slice(0, DEPTH).map(([price, size]: Json) => [Number(price), Number(size)]);
  return { bids: side(book.bids), asks: side(book.asks) };
}

/**
 * Watches a book through many updates, then stops the market and expects ccxt's book to arrive at the emulator's.
 * `exchange.orderbooks` is what ccxt builds from the frames.
 */
async function followsBook(rig: Rig, venue: string, exchange: Json, limit?: number): Promise<void> {
  const symbols = ["BTC/USDT", "XRP/USDT"];
  try {
    await exchange.loadMarkets();
    for (const symbol of symbols) assert(exchange.markets[symbol].active, symbol);
    for (let updates = 0; updates < 20; updates++) {
      for (const symbol of symbols) await exchange.watchOrderBook(symbol, limit);
    }
    await rig.control("POST", "/freeze");
    for (const symbol of symbols) {
      const expected = await truth(rig, venue, symbol);
      const arrived = await until(
        () => best(exchange.orderbooks[symbol]),
        (book) => JSON.stringify(book) === JSON.stringify(expected),
      );
      assert.deepEqual(arrived, expected);
    }
  } finally {
    await exchange.close();
  }
}

const RATE = ["--rate", "2000", "--symbols", "BTC-USDT,XRP-USDT,DOGE-USDT"];

for (const limit of [1, 50, 200]) {
  Deno.test(`ccxt builds the emulated bybit's books from orderbook.${limit}`, async () => {
    await withExchanges(RATE, async (rig) => {
      const exchange = newExchange(rig, "bybit", "bybit");
      if (limit > 1) return await followsBook(rig, "bybit", exchange, limit);
      await readsBidsAsks(rig, "bybit", exchange);
    });
  });
}

for (const depth of ["books", "books5"]) {
  Deno.test(`ccxt builds the emulated okx's books from ${depth}`, async () => {
    await withExchanges(RATE, async (rig) => {
      await followsBook(rig, "okx", newExchange(rig, "okx", "okx", { watchOrderBook: { depth } }));
    });
  });
}

Deno.test("ccxt reads best bid and ask of the emulated okx from bbo-tbt", async () => {
  await withExchanges(RATE, async (rig) => await readsBidsAsks(rig, "okx", newExchange(rig, "okx", "okx")));
});

Deno.test("ccxt builds the emulated gate's books from obu", async () => {
  await withExchanges(
    RATE,
    async (rig) => await followsBook(rig, "gateio", newExchange(rig, "gateio", "gate")),
  );
});

Deno.test("ccxt reads best bid and ask of the emulated gate from book_ticker", async () => {
  await withExchanges(
    RATE,
    async (rig) => await readsBidsAsks(rig, "gateio", newExchange(rig, "gateio", "gate")),
  );
});

for (const depth of [10, 25, 100]) {
  Deno.test(`ccxt builds the emulated kraken's books of ${depth} levels and agrees with every checksum`, async () => {
    await withExchanges(RATE, async (rig) => {
      const exchange = newExchange(rig, "kraken", "kraken", { watchOrderBook: { checksum: true } });
      const checked = keepDigits(exchange);
      await followsBook(rig, "kraken", exchange, depth);
      assert(checked.count > 40, `Only ${checked.count} checksums were computed`);
    });
  });
}

Deno.test("ccxt notices a wrong checksum of the emulated kraken", async () => {
  await withExchanges(RATE, async (rig) => {
    const exchange = newExchange(rig, "kraken", "kraken", { watchOrderBook: { checksum: true } });
    keepDigits(exchange);
    try {
      await exchange.watchOrderBook("BTC/USDT");
      await rig.control("POST", "/kraken/gap?symbol=BTC-USDT");
      await assert.rejects(async () => {
        for (let updates = 0; updates < 1000; updates++) await exchange.watchOrderBook("BTC/USDT");
      }, ccxt.ChecksumError);
    } finally {
      await exchange.close();
    }
  });
});

Deno.test("ccxt notices a gap in the sequence of the emulated okx", async () => {
  await withExchanges(RATE, async (rig) => {
    const exchange = newExchange(rig, "okx", "okx");
    try {
      await exchange.watchOrderBook("BTC/USDT");
      await rig.control("POST", "/okx/gap?symbol=BTC-USDT");
      await assert.rejects(async () => {
        for (let updates = 0; updates < 1000; updates++) await exchange.watchOrderBook("BTC/USDT");
      }, ccxt.InvalidNonce);
    } finally {
      await exchange.close();
    }
  });
});

/** Watches best bids and asks through many updates, then expects the last ones to be the emulator's. */
async function readsBidsAsks(rig: Rig, venue: string, exchange: Json): Promise<void> {
  const symbols = ["BTC/USDT", "XRP/USDT"];
  try {
    await exchange.loadMarkets();
    for (let updates = 0; updates < 20; updates++) await exchange.watchBidsAsks(symbols);
    await rig.control("POST", "/freeze");
    for (const symbol of symbols) {
      const { bids, asks } = await truth(rig, venue, symbol);
      const expected = [...bids[0]!, ...asks[0]!];
      await until(
        () => {
          const { bid, bidVolume, ask, askVolume } = exchange.bidsasks[symbol];
          return [bid, bidVolume, ask, askVolume];
        },
        (values) => JSON.stringify(values) === JSON.stringify(expected),
      );
    }
  } finally {
    await exchange.close();
  }
}

/**
 * ccxt can check Kraken's checksums but keeps numbers as JSON.parse reads them, without the trailing zeros that the
 * checksum covers (its own default is off for that reason). So the texts of the frames are kept here and handed to
 * its formatter. The books, the order of the levels and the checksum are ccxt's own.
 */
function keepDigits(exchange: Json): { count: number } {
  const checked = { count: 0 };
  const texts = { price: new Map<number, string>(), qty: new Map<number, string>() };
  const client = exchange.client(exchange.urls.api.ws.publicV2);
  const onMessage = client.onMessage.bind(client);
  client.onMessage = (event: { data: unknown }) => {
    for (const [, kind, text] of String(event.data).matchAll(/"(price|qty)":([\d.]+)/gu)) {
      texts[kind as "price" | "qty"].set(Number(text), text!);
    }
    onMessage(event);
  };
  const formatNumber = exchange.formatNumber.bind(exchange);
  // It formats price, quantity, price, quantity, …
  let kind: "price" | "qty" = "qty";
  exchange.formatNumber = (value: number) => {
    kind = kind === "qty" ? "price" : "qty";
    return formatNumber(texts[kind].get(value));
  };
  const crc32 = exchange.crc32.bind(exchange);
  exchange.crc32 = (text: string, signed: boolean) => {
    checked.count++;
    return crc32(text, signed);
  };
  return checked;
}
