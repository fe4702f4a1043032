/** The emulators misbehave exactly as told, and stop when told. */
import assert from "node:assert/strict";
import type { VenueId } from "../../emulator/options.ts";
import { type Json, type Rig, Session, until, withExchanges } from "./harness.ts";

const SUBSCRIBE: Readonly<Record<VenueId, unknown>> = {
  bybit: { op: "subscribe", args: ["orderbook.50.BTCUSDT"] },
  okx: { op: "subscribe", args: [{ channel: "books", instId: "BTC-USDT" }] },
  gateio: { time: 1, channel: "spot.obu", event: "subscribe", payload: ["ob.BTC_USDT.50"] },
  kraken: { method: "subscribe", params: { channel: "book", symbol: ["BTC/USDT"] } },
};
const PING: Readonly<Record<VenueId, unknown>> = {
  bybit: { op: "ping" },
  okx: "ping",
  gateio: { time: 1, channel: "spot.ping" },
  kraken: { method: "ping" },
};
/** Frames come soon enough for a test that waits for some. */
const BRISK = ["--rate", "2000"];
const VENUES = Object.keys(SUBSCRIBE) as VenueId[];

/** Frames of the book, not greetings, acknowledgements or heartbeats. */
function isData(frame: Json): boolean {
  return frame.topic !== undefined || frame.action !== undefined || frame.event === "update" ||
    frame.channel === "book";
}

async function listening(rig: Rig, venue: VenueId): Promise<Session> {
  const session = await Session.open(rig.wsUrl(venue));
  session.send(SUBSCRIBE[venue]);
  await session.frame(isData);
  return session;
}

/** Frames that the venue has sent so far. */
async function sent(rig: Rig, venue: VenueId): Promise<number> {
  return (await rig.control("GET", "/")).venues[venue].framesSent;
}

for (const venue of VENUES) {
  Deno.test(`${venue} falls silent, pongs included, stays connected, and speaks again`, async () => {
    await withExchanges(BRISK, async (rig) => {
      const session = await listening(rig, venue);
      await rig.control("POST", `/${venue}/silence`);
      const before = await sent(rig, venue);
      session.send(PING[venue]);
      // The market goes on, and another venue shows that time passes.
      const other = await listening(rig, venue === "okx" ? "bybit" : "okx");
      for (let count = 0; count < 20; count++) await other.frame(isData);
      assert.equal(await sent(rig, venue), before);
      assert.equal(session.closed, undefined);
      await rig.control("POST", `/${venue}/resume`);
      await session.frame(isData);
      await session.close();
      await other.close();
    });
  });

  Deno.test(`${venue} cuts its clients without a closing handshake`, async () => {
    await withExchanges([], async (rig) => {
      const session = await listening(rig, venue);
      session.socket.onerror = (event) => event.preventDefault();
      assert.equal((await rig.control("POST", `/${venue}/close`)).clients, 1);
      assert.equal((await session.untilClosed()).clean, false);
      const again = await listening(rig, venue);
      await again.close();
    });
  });

  Deno.test(`${venue} refuses handshakes with 429 and Retry-After, and takes them again`, async () => {
    await withExchanges([], async (rig) => {
      await rig.control("POST", `/${venue}/refuse?seconds=600`);
      const head = await handshake(rig.exchanges.ports[venue]!, new URL(rig.wsUrl(venue)).pathname);
      assert.match(head, /^HTTP\/1\.1 429 /u);
      // Seconds may have gone by since it was told to.
      assert.match(head, /\r\nretry-after: (600|5\d\d)\r\n/u);
      await rig.control("POST", `/${venue}/resume`);
      await (await listening(rig, venue)).close();
    });
  });

  Deno.test(`${venue} stops listening and listens again on the same port`, async () => {
    await withExchanges([], async (rig) => {
      const session = await listening(rig, venue);
      session.socket.onerror = (event) => event.preventDefault();
      await rig.control("POST", `/${venue}/kill`);
      assert.equal((await session.untilClosed()).clean, false);
      await assert.rejects(Session.open(rig.wsUrl(venue)));
      assert.equal((await rig.control("GET", "/")).venues[venue].listening, false);
      assert.equal((await rig.control("POST", `/${venue}/start`)).port, rig.exchanges.ports[venue]);
      await (await listening(rig, venue)).close();
    });
  });

  Deno.test(`${venue} sends garbage of many kinds and then goes on`, async () => {
    await withExchanges(BRISK, async (rig) => {
      const session = await listening(rig, venue);
      await rig.control("POST", "/freeze");
      const { frames } = await rig.control("POST", `/${venue}/garbage`);
      await session.text((text) => text.startsWith("binary"));
      const texts: string[] = [];
      while (texts.length < frames - 1) texts.push(await session.text((text) => !text.includes("heartbeat")));
      assert(texts.filter((text) => !isJson(text)).length >= 3, "Cut, empty and endless frames");
      assert(texts.some((text) => text.includes('"NaN"')));
      assert(texts.some((text) => text.includes('"-1"')));
      assert(texts.includes("null"));
      await rig.control("POST", "/thaw");
      await session.frame(isData);
      await session.close();
    });
  });

  Deno.test(`${venue} delays its frames, keeps their order and catches up`, async () => {
    await withExchanges(BRISK, async (rig) => {
      const session = await listening(rig, venue);
      const before = session.texts.length;
      await rig.control("POST", `/${venue}/slow?ms=60000`);
      const marks = await sent(rig, venue);
      await until(() => sent(rig, venue), (count) => count > marks + 20);
      // What was on the way when the fault began may still have come.
      assert(session.texts.length - before <= marks, "Nothing new comes for a minute");
      assert.equal((await rig.control("GET", "/")).venues[venue].faults.delayMs, 60_000);
      await session.close();
    });
  });
}

Deno.test("slow frames arrive late and in order", async () => {
  await withExchanges([], async (rig) => {
    const session = await listening(rig, "bybit");
    await rig.control("POST", "/bybit/slow?ms=300");
    let last = Number.NaN;
    let late = 0;
    while (late < 10) {
      const { data, ts } = await session.frame(isData);
      if (!Number.isNaN(last)) assert.equal(data.u, last + 1);
      last = data.u;
      // A frame that was built before the fault is not late; the clock is this machine's own.
      if (Date.now() - ts >= 290) late++;
    }
    await session.close();
  });
});

const chained: Readonly<
  Record<"bybit" | "okx" | "gateio", (frame: Json) => [follows: number, stands: number]>
> = {
  bybit: ({ data }) => [data.u - 1, data.u],
  okx: ({ data }) => [data[0].prevSeqId, data[0].seqId],
  gateio: ({ result }) => [result.U - 1, result.u],
};

for (const venue of ["bybit", "okx", "gateio"] as const) {
  Deno.test(`${venue} leaves out one frame of the chain`, async () => {
    await withExchanges(["--rate", "1000", "--symbols", "BTC-USDT,ETH-USDT"], async (rig) => {
      const session = await listening(rig, venue);
      let [, stands] = chained[venue](await session.frame(isData));
      const read = async () => {
        const [follows, next] = chained[venue](await session.frame(isData));
        const gap = follows !== stands;
        stands = next;
        return gap;
      };
      for (let count = 0; count < 50; count++) assert.equal(await read(), false);
      const { topics } = await rig.control("POST", `/${venue}/gap?symbol=btc_usdt`);
      assert.equal(topics.length, 1);
      while (!(await read()));
      for (let count = 0; count < 50; count++) assert.equal(await read(), false, "There is only one gap");
      await session.close();
    });
  });
}

Deno.test("a symbol loses one side until the fault ends, the others keep both", async () => {
  await withExchanges(["--symbols", "BTC-USDT,ETH-USDT"], async ({ control, wsUrl }) => {
    const session = await Session.open(wsUrl("okx"));
    const args = ["BTC-USDT", "ETH-USDT"].map((instId) => ({ channel: "bbo-tbt", instId }));
    session.send({ op: "subscribe", args });
    await control("POST", "/okx/oneSided?symbol=BTC-USDT&side=ask");
    const of = (instId: string) => (frame: Json) => frame.data !== undefined && frame.arg.instId === instId;
    const [{ asks, bids }] = (await session.frame((frame) =>
      of("BTC-USDT")(frame) && frame.data[0].asks.length === 0
    )).data;
    assert.deepEqual([asks.length, bids.length], [0, 1]);
    assert.equal((await session.frame(of("ETH-USDT"))).data[0].asks.length, 1);
    const { ask, bid } = await control("GET", "/okx/book/BTC-USDT");
    assert.equal(ask, null);
    assert.notEqual(bid, null);
    await control("POST", "/okx/resume");
    await session.frame((frame) => of("BTC-USDT")(frame) && frame.data[0].asks.length === 1);
    await session.close();
  });
});

Deno.test("an ndjson source sends garbage, falls silent, is killed and started like a venue", async () => {
  await withExchanges(["--symbols", "BTC-USDT"], async (rig) => {
    const port = rig.exchanges.ports.exchange1!;
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    let text = "";
    const reading = (async () => {
      for await (const chunk of conn.readable.pipeThrough(new TextDecoderStream())) text += chunk;
    })();
    await until(() => text, (all) => all.includes("\n"));
    await rig.control("POST", "/exchange1/garbage");
    await until(() => text, (all) => all.includes('"NaN"') && all.includes("\nnull\n"));
    await rig.control("POST", "/exchange1/kill");
    await reading.catch(() => {});
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
    await rig.control("POST", "/exchange1/start");
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  });
});

Deno.test("a client that stops reading is cut at a bound and the others do not notice", async () => {
  await withExchanges(["--rate", "20000", "--symbols", "BTC-USDT"], async (rig) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: rig.exchanges.ports.kraken! });
    await conn.write(new TextEncoder().encode(handshakeText("/v2")));
    // A book of 1000 levels fills the buffers soon: every snapshot is 70 KB.
    const ask = { method: "subscribe", params: { channel: "book", symbol: ["BTC/USDT"], depth: 1000 } };
    const end = { ...ask, method: "unsubscribe" };
    const other = await listening(rig, "kraken");
    for (let count = 0; count < 400; count++) {
      try {
        await conn.write(maskedFrame(JSON.stringify(ask)));
        await conn.write(maskedFrame(JSON.stringify(end)));
      } catch {
        break; // It has been cut.
      }
    }
    await until(() => rig.control("GET", "/"), (state) => state.venues.kraken.slowClientsCut === 1);
    await other.frame(isData);
    assert.equal((await rig.control("GET", "/")).venues.kraken.clients, 1);
    conn.close();
    await other.close();
  });
});

Deno.test("control names what exists where it is asked for something else", async () => {
  await withExchanges([], async (rig) => {
    const ask = async (method: string, path: string) => {
      const response = await fetch(rig.origin("control") + path, { method });
      return { status: response.status, body: await response.json() as Json };
    };
    for (const path of ["/nope", "/nope/silence", "/bybit/nope", "/bybit", "/bybit/book", "/a/b/c/d"]) {
      const { status, body } = await ask("POST", path);
      assert.equal(status, 404, path);
      assert(Object.keys(body.known.faults).includes("silence"));
      assert(body.known.venues.includes("kraken"));
    }
    const unknownSymbol = await ask("GET", "/bybit/book/NOPE");
    assert.equal(unknownSymbol.status, 404);
    assert(unknownSymbol.body.known.includes("BTC-USDT"));
    assert.equal((await ask("GET", "/bybit/silence")).status, 405);
    assert.equal((await ask("POST", "/")).status, 405);
    const wrong = [
      "/bybit/slow?ms=x",
      "/bybit/refuse?seconds=0",
      "/bybit/gap?symbol=NOPE",
      "/okx/oneSided?side=up",
    ];
    for (const path of [...wrong, "/exchange1/oneSided", "/exchange1/gap", "/exchange1/refuse"]) {
      const { status, body } = await ask("POST", path);
      assert.equal(status, 400, path);
      assert(body.error.length > 0 && body.takes.length > 0);
    }
    assert.equal((await ask("GET", "/bybit/book/BTC-USDT?depth=0")).status, 400);
  });
});

Deno.test("the market stands while frozen and moves on afterwards", async () => {
  await withExchanges([], async ({ control }) => {
    const { step } = await control("POST", "/freeze");
    const state = await control("GET", "/");
    assert.deepEqual([state.frozen, state.step], [true, step]);
    const book = await control("GET", "/bybit/book/BTC-USDT");
    await control("POST", "/thaw");
    await until(
      () => control("GET", "/bybit/book/BTC-USDT"),
      (now) => now.step > step && now.bid !== book.bid,
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function handshakeText(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n";
}

/** Sends a handshake by hand and returns the head of the answer. */
async function handshake(port: number, path: string): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(handshakeText(path)));
  return await new Response(conn.readable).text();
}

/** A client's text frame, masked with zeros. */
function maskedFrame(text: string): Uint8Array {
  const payload = new TextEncoder().encode(text);
  assert(payload.length < 126);
  return new Uint8Array([0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
}
