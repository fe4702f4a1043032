/** The client in Deno against the real core, hubs, routes and server. */
import assert from "node:assert/strict";
import { followOpportunities, followQuotes, json, type QuoteEvent } from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import { openProgram, until } from "../api/program.ts";
import { TcpProxy } from "../archive/proxy.ts";
import { Follower } from "./follow.ts";

type Program = ReturnType<typeof openProgram>;

/** Waits of a client that shall not keep a test. */
const QUICK = { firstWaitMs: 5, longestWaitMs: 50 };

/** Makes an opportunity of about 80 bps, and ends it again. */
async function open(program: Program, symbol = "BTC-USDT"): Promise<void> {
  await program.quote("bybit", symbol, 99.9, 100);
  await program.quote("okx", symbol, 101, 101.1);
}
const close = (program: Program, symbol = "BTC-USDT") => program.quote("okx", symbol, 99.9, 100.1);

/** Numbers of the API are rounded, those of protobuf are not: a sign and a bit are all that may differ. */
function assertSame(told: object, expected: object): void {
  assert.deepEqual(Object.keys(told).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const other = (told as Record<string, unknown>)[name];
    if (typeof value !== "number" || typeof other !== "number") {
      assert.deepEqual(other, value, name);
    } else {assert.ok(
        Math.abs(other - value) <=
          Math.max(0.5 * Number(/At$|Time$/u.test(name)), 1e-9 * value),
        name,
      );}
  }
}

for (const format of [json, protobuf]) {
  Deno.test(`the client follows opportunities in ${format.subprotocol} as the API tells them`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await open(program, "ETH-USDT");
    using stream = followOpportunities(server.url, { format });
    const follower = new Follower(stream);
    const [snapshot] = await follower.until("snapshot");
    assert.deepEqual(follower.of("connection").map(({ state }) => state), [
      "connecting",
      "live",
    ]);
    assert.deepEqual(follower.of("subscribed").map(({ filter }) => filter), [
      {},
    ]);
    const { body } = await program.get("/opportunities");
    assert.equal(snapshot!.mode, "test");
    assert.equal(snapshot!.opportunities.length, 1);
    assertSame(snapshot!.opportunities[0]!, body.opportunities[0]);

    await open(program);
    const [updated] = await follower.until("update");
    assert.deepEqual(
      [...stream.rows.keys()].sort(),
      [
        updated!.opportunity.id,
        snapshot!.opportunities[0]!.id,
      ].sort(),
    );
    assert.ok(stream.live);
    await close(program);
    const [closed] = await follower.until("close");
    assert.equal(closed!.opportunity.id, updated!.opportunity.id);
    assert.equal(closed!.opportunity.reason, "below_threshold");
    assertSame([...stream.rows.values()][0]!, body.opportunities[0]);
    stream.close();
    assert.equal(await stream.closed, undefined);
    await follower.done;
    assert.equal(follower.failure, undefined);
    assert.ok(!stream.live);
    await until(
      "its place is free",
      () => program.streams.stats().clients === 0,
    );
  });

  Deno.test(`the client follows quotes in ${format.subprotocol}, and those that are withdrawn leave the table`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await program.quote("bybit", "BTC-USDT", 99, 100);
    await program.quote("okx", "BTC-USDT", 99, 100);
    using stream = followQuotes(server.url, { format, symbol: "btcusdt" });
    const follower = new Follower(stream);
    await follower.until("snapshot");
    assert.deepEqual(follower.of("subscribed")[0]!.filter, {
      symbol: "BTC-USDT",
    });
    const { body } = await program.get("/prices/latest/BTC-USDT");
    assert.deepEqual([...stream.rows.keys()].sort(), [
      "bybit BTC-USDT",
      "okx BTC-USDT",
    ]);
    for (const quote of body.quotes) {
      assertSame(stream.rows.get(`${quote.exchange} BTC-USDT`)!, quote);
    }
    await program.quote("bybit", "BTC-USDT", 98, 99);
    const [updated] = await follower.until("update");
    assert.deepEqual([updated!.quote.exchange, updated!.quote.bid], [
      "bybit",
      98,
    ]);
    await program.withdraw("bybit", "BTC-USDT");
    const [withdrawn] = await follower.until("withdrawn");
    assert.deepEqual(withdrawn, {
      type: "withdrawn",
      exchange: "bybit",
      symbol: "BTC-USDT",
    });
    assert.deepEqual([...stream.rows.keys()], ["okx BTC-USDT"]);
  });

  Deno.test(`the filter changes on the open connection in ${format.subprotocol}, a wrong one changes nothing`, async () => {
    await using program = openProgram();
    await using server = await program.serve();
    await open(program);
    await open(program, "ETH-USDT");
    using stream = followOpportunities(server.url, {
      format,
      symbol: "BTC-USDT",
    });
    const symbols = () => [...stream.rows.values()].map(({ symbol }) => symbol);
    const follower = new Follower(stream);
    await follower.until("snapshot");
    assert.deepEqual(symbols(), ["BTC-USDT"]);
    stream.subscribe({ symbol: "NOPE-USDT" });
    const [problem] = await follower.until("problem");
    assert.match(problem!.detail, /^symbol: .*NOPE-USDT/u);
    // Of filters that come faster than they are asked for only the last one counts.
    for (let i = 0; i < 100; i++) stream.subscribe({ minNetBps: i });
    stream.subscribe({ symbol: "eth-usdt", minNetBps: 2.5 });
    // The first of them goes out at once where the one that was refused is long enough ago.
    await until(
      "the last one holds",
      () => follower.of("subscribed").at(-1)!.filter.symbol === "ETH-USDT",
    );
    assert.deepEqual(follower.of("subscribed").at(-1)!.filter, {
      symbol: "ETH-USDT",
      minNetBps: 2.5,
    });
    await until("its snapshot is there", () => symbols().join() === "ETH-USDT");
    assert.ok(follower.of("subscribed").length <= 3);
    assert.equal(follower.of("connection").length, 2);
  });
}

Deno.test("after a cut the client gets what it missed and no snapshot", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await using proxy = new TcpProxy({
    hostname: "127.0.0.1",
    port: server.port,
  });
  await open(program, "ETH-USDT");
  using stream = followOpportunities(`http://127.0.0.1:${proxy.port}`, QUICK);
  using quotes = followQuotes(`http://127.0.0.1:${proxy.port}`, QUICK);
  const [follower, other] = [new Follower(stream), new Follower(quotes)];
  await follower.until("snapshot");
  await other.until("snapshot");
  proxy.refuse();
  await until("both notice", () => !stream.live && !quotes.live);
  const lost = (await follower.until("connection", 3))[2]!;
  assert.ok(
    lost.state === "reconnecting" && lost.error.code === "lost" &&
      lost.retryInMs >= QUICK.firstWaitMs,
  );
  await open(program);
  await close(program, "ETH-USDT");
  proxy.restore();
  await follower.until("update");
  await follower.until("close");
  await until(
    "the quotes are up to date",
    () => quotes.rows.get("okx ETH-USDT")?.bid === 99.9,
  );
  assert.equal(follower.of("snapshot").length, 1);
  assert.equal(other.of("snapshot").length, 1);
  const { body } = await program.get("/opportunities");
  assert.deepEqual(
    [...stream.rows.keys()],
    body.opportunities.map(({ id }: { id: string }) => id),
  );
});

Deno.test("another filter that was asked for while the connection was gone holds when it is back", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await using proxy = new TcpProxy({
    hostname: "127.0.0.1",
    port: server.port,
  });
  await open(program, "ETH-USDT");
  using stream = followOpportunities(`http://127.0.0.1:${proxy.port}`, {
    ...QUICK,
    symbol: "BTC-USDT",
  });
  const follower = new Follower(stream);
  await follower.until("snapshot");
  proxy.refuse();
  await until("it notices", () => !stream.live);
  stream.subscribe({ symbol: "ETH-USDT" });
  proxy.restore();
  await until("the other symbol is there", () => stream.rows.size === 1);
  assert.deepEqual(follower.of("subscribed").at(-1)!.filter, {
    symbol: "ETH-USDT",
  });
  assert.equal(
    follower.of("snapshot").at(-1)!.opportunities[0]!.symbol,
    "ETH-USDT",
  );
});

Deno.test("a connection that is open and silent is given up, and the next one goes on", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await using proxy = new TcpProxy({
    hostname: "127.0.0.1",
    port: server.port,
  });
  const options = { ...QUICK, silentAfterMs: 1000, openWithinMs: 1000 };
  using stream = followOpportunities(`http://127.0.0.1:${proxy.port}`, options);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  proxy.freeze();
  await open(program);
  const code = (wanted: string) => () =>
    follower.of("connection").some((event) => event.state === "reconnecting" && event.error.code === wanted);
  await until("the silence is noticed", code("silent"));
  await until(
    "a new connection that does not open is given up",
    code("unreachable"),
  );
  proxy.cut();
  proxy.restore();
  await until("it is up to date", () => stream.rows.size === 1);
});

Deno.test("a switch of the mode reaches the client as a snapshot", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await open(program);
  using stream = followOpportunities(server.url);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  await program.market.switchMode("live");
  program.streams.checkMode();
  const [, snapshot] = await follower.until("snapshot", 2);
  assert.equal(snapshot!.mode, "live");
  assert.equal(stream.mode, "live");
  assert.equal(stream.rows.size, 0);
});

Deno.test("a loop that is slow gets the latest of each, then a snapshot, and never more than waits at most", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  using stream = followQuotes(server.url, { maxWaitingRows: 2 });
  const events = stream[Symbol.asyncIterator]();
  await until("it follows", () => stream.live);
  for (let bid = 1; bid <= 50; bid++) {
    for (const symbol of ["BTC-USDT", "ETH-USDT", "SOL-USDT"]) {
      await program.quote("bybit", symbol, bid, bid + 0.001);
    }
  }
  await until(
    "all has come",
    () => stream.rows.get("bybit SOL-USDT")?.bid === 50,
  );
  assert.ok(stream.conflated > 0);
  // Connection, subscription, snapshot, and at most two rows.
  const taken: QuoteEvent[] = [];
  const enough = setTimeout(() => stream.close(), 20_000);
  do {
    const { value } = await events.next();
    assert.ok(value, "the last quote never came");
    taken.push(value);
  } while (!isLast(taken.at(-1)!));
  clearTimeout(enough);
  assert.ok(taken.length <= 6, taken.map(({ type }) => type).join());
  assert.equal(taken.filter(({ type }) => type === "snapshot").length, 1);
  const latest = new Map<string, number>();
  for (const event of taken) {
    if (event.type === "snapshot") {
      for (const { symbol, bid } of event.quotes) {
        latest.set(symbol, bid!);
      }
    }
    if (event.type === "update") {
      latest.set(event.quote.symbol, event.quote.bid!);
    }
  }
  assert.deepEqual(
    latest,
    new Map([["BTC-USDT", 50], ["ETH-USDT", 50], ["SOL-USDT", 50]]),
  );
  await events.return(undefined);

  /** The last quote of the last round, on its own or in a snapshot. */
  function isLast(event: QuoteEvent): boolean {
    const quotes = event.type === "snapshot" ? event.quotes : event.type === "update" ? [event.quote] : [];
    return quotes.some(({ symbol, bid }) => symbol === "SOL-USDT" && bid === 50);
  }
});

Deno.test("leaving the loop, a signal and the end of a block each close the stream", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const gone = () => until("its place is free", () => program.streams.stats().clients === 0);
  const stream = followOpportunities(server.url);
  for await (const event of stream) if (event.type === "snapshot") break;
  await gone();
  assert.equal(await stream.closed, undefined);

  const stop = new AbortController();
  const signalled = new Follower(
    followOpportunities(server.url, { signal: stop.signal }),
  );
  await signalled.until("snapshot");
  stop.abort();
  await signalled.done;
  assert.equal(signalled.failure, undefined);
  await gone();

  {
    using block = followOpportunities(server.url);
    await until("it follows", () => block.live);
  }
  await gone();
  const never = followOpportunities(server.url, {
    signal: AbortSignal.abort(),
  });
  assert.equal(await never.closed, undefined);
});

Deno.test("what the program refuses ends the stream, and says what is wrong", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  using stream = followOpportunities(server.url, { symbol: "NOPE-USDT" });
  const follower = new Follower(stream);
  const failure = await stream.closed;
  await follower.done;
  assert.equal(follower.failure, failure);
  assert.equal(failure?.code, "refused");
  assert.equal(failure?.status, 400);
  assert.match(failure!.message, /symbol: .*NOPE-USDT/u);
  assert.ok(failure!.final);
  assert.throws(
    () => followOpportunities("ftp://127.0.0.1"),
    /begins with http/u,
  );
  assert.throws(
    () => followOpportunities("http://user:secret@127.0.0.1"),
    TypeError,
  );
});

Deno.test("a program without a free place is asked again until it has one", async () => {
  await using program = openProgram({ limits: { maxClients: 1 } });
  await using server = await program.serve();
  const first = followOpportunities(server.url);
  await until("the place is taken", () => first.live);
  using second = followOpportunities(server.url, QUICK);
  const follower = new Follower(second);
  const refused = (await follower.until("connection", 2))[1];
  assert.ok(
    refused?.state === "reconnecting" && refused.error.code === "unavailable",
  );
  first.close();
  await until("the place is its own", () => second.live);
});
