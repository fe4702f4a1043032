/** Each fault of each venue: what the program shows meanwhile, that the others do not notice, and that it heals. */
import assert from "node:assert/strict";
import type { VenueStatus } from "../../core/app/market.ts";
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { type Exchanges, startExchanges, type VenueId, VENUES, venuesOf } from "./exchanges.ts";
import { until } from "./process.ts";
import { type Program, startProgram } from "./program.ts";
import { Stream } from "./stream.ts";

const SYMBOLS = ["BTC-USDT", "ETH-USDT", "SOL-USDT"];

interface Stage {
  exchanges: Exchanges;
  program: Program;
  stream: Stream;
  venue: VenueId;
}

/** A program on its exchanges with all quotes fresh and, on the venue, something open that a fault can end. */
async function withVenue(venue: VenueId, run: (stage: Stage) => Promise<void>): Promise<void> {
  await using exchanges = await startExchanges("--symbols", SYMBOLS.join(","));
  await using program = await startProgram({
    mode: "live",
    symbols: SYMBOLS,
    venues: venuesOf(exchanges),
    // Every route is an opportunity: a fault always ends some, and the market does not.
    screener: { minNetBps: -9000, hysteresisBps: 1000 },
  });
  await using stream = await Stream.connect(program.url);
  const stage = { exchanges, program, stream, venue };
  await healthy(stage);
  await run(stage);
  await healthy(stage);
}

/** All quotes are fresh and every route between the venues is open. */
async function healthy({ program, stream }: Stage): Promise<void> {
  await until(
    "every venue delivers",
    async () => {
      const venues = await program.venues();
      return venues.map(({ id, state, freshQuotes }) => ({ id, state, freshQuotes }));
    },
    (venues) =>
      venues.every(({ state, freshQuotes }) => state === "connected" && freshQuotes === SYMBOLS.length),
  );
  const routes = VENUES.length * (VENUES.length - 1) * SYMBOLS.length;
  await until("every route is open", () => stream.open.size, (size) => size === routes);
}

const touches = (venue: string) => (one: { buyExchange: string; sellExchange: string }) =>
  one.buyExchange === venue || one.sellExchange === venue;

/**
 * Runs a fault and asserts that meanwhile no quote of the venue is fresh and no opportunity rests on it, that all of
 * them closed for this reason, and that the other venues go on as if nothing were.
 */
async function unfit(
  stage: Stage,
  reason: CloseReason,
  begin: () => Promise<unknown>,
  end: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const { program, stream, venue } = stage;
  const before = await program.venues();
  const seen = stream.closed.length;
  await begin();
  await until(
    "no quote of the venue is fresh",
    () => program.venue(venue),
    ({ freshQuotes }) => freshQuotes === 0,
  );
  await until("nothing open touches the venue", () => ![...stream.open.values()].some(touches(venue)));
  assert.deepEqual((await program.opportunities()).filter(touches(venue)), []);
  for (const symbol of SYMBOLS) assert.notEqual((await program.quote(venue, symbol))?.fresh, true);
  assertClosed(stage, seen, reason);
  await othersGoOn(stage, before);
  await end();
  await healthy(stage);
  await othersGoOn(stage, before);
}

async function othersGoOn({ program, venue }: Stage, before: readonly VenueStatus[]): Promise<void> {
  const others = before.filter(({ id }) => id !== venue);
  await until("frames of the others go on", async () => {
    const now = new Map((await program.venues()).map((status) => [status.id, status]));
    for (const { id, reconnects, restarts, malformed, gaps } of others) {
      const { connected, freshQuotes, ...found } = now.get(id)!;
      assert.deepEqual(
        [id, connected, freshQuotes, found.reconnects, found.restarts, found.malformed, found.gaps],
        [id, true, SYMBOLS.length, reconnects, restarts, malformed, gaps],
      );
    }
    return others.every(({ id, frames }) => now.get(id)!.frames > frames);
  });
}

/** A test for each venue, all at the same time, as most of it is waiting. */
function eachVenue(name: string, run: (stage: Stage) => Promise<void>): void {
  Deno.test(name, async () => {
    const ends = await Promise.allSettled(VENUES.map((venue) => withVenue(venue, run)));
    const failed = ends.flatMap((end, at) =>
      end.status === "rejected" ? [new Error(`Failed for ${VENUES[at]}`, { cause: end.reason })] : []
    );
    if (failed.length > 0) throw new AggregateError(failed, failed.map((error) => error.message).join(", "));
  });
}

eachVenue("venue that closes, is gone or says 429 loses its quotes at once and comes back", async (stage) => {
  const { exchanges, program, stream, venue } = stage;
  const fault = (name: string) => exchanges.fault(venue, name);
  await unfit(stage, "leg_stale", () => fault("kill"), () => fault("start"));

  // Cut and at once refused: the refusal says how long, and the program keeps to it. Nothing ends it before, so it is
  // long enough to look at all that has to hold meanwhile.
  const { connections } = (await exchanges.state())[venue]!;
  await unfit(stage, "leg_stale", async () => {
    await fault("refuse?seconds=15");
    await fault("close");
  });
  const waits = program.log.filter((line) => line.message === "Venue asks to wait" && line.venue === venue);
  assert.ok(waits.length > 0, "It was told to wait");
  assert.ok(Number(waits[0]!.delayMs) >= 1000, JSON.stringify(waits));
  assert.equal((await exchanges.state())[venue]!.connections, connections + 1);

  // A cut alone heals so fast that only the stream is sure to see it.
  const seen = stream.closed.length;
  const { reconnects } = await program.venue(venue);
  await fault("close");
  await until("it reconnected", () => program.venue(venue), (now) => now.reconnects > reconnects);
  // The stream may tell of it later than the answer that says so.
  await until("the stream told of it", () => stream.closed.length > seen);
  await healthy(stage);
  assertClosed(stage, seen, "leg_stale");
});

eachVenue(
  "venue that falls silent or has one side only makes no opportunity until it is well",
  async (stage) => {
    const { exchanges, program, venue } = stage;
    const fault = (name: string) => exchanges.fault(venue, name);
    for (const side of ["bid", "ask"]) {
      await unfit(stage, "leg_withdrawn", () => fault(`oneSided?side=${side}`), () => fault("resume"));
    }
    assert.equal((await program.venue(venue)).reconnects, 0);
    await unfit(stage, "leg_stale", () => fault("silence"), () => fault("resume"));
    assert.ok((await program.venue(venue)).reconnects > 0);
  },
);

eachVenue("venue that is garbled, slow or leaves out a frame never shows a wrong quote", async (stage) => {
  const { exchanges, program, stream, venue } = stage;
  const fault = (name: string) => exchanges.fault(venue, name);
  const before = await program.venues();
  await using sampler = new Sampler(program);

  for (let burst = 0; burst < 5; burst++) {
    const { malformed } = await program.venue(venue);
    assert.ok(Number((await fault("garbage")).frames) > MALFORMED);
    await until(
      "it was counted",
      () => program.venue(venue),
      (now) => now.malformed >= malformed + MALFORMED,
    );
  }
  await healthy(stage);
  const lines = program.log.filter((line) => line.message === "Frames that cannot be understood");
  assert.ok(lines.length > 0 && lines.length < 5, "It was told, at a bounded rate");
  assert.ok(lines.every((line) => line.venue === venue && line.level === "WARN"));

  await fault("slow?ms=300");
  const { frames } = await program.venue(venue);
  await until("delayed frames arrive", () => program.venue(venue), (now) => now.frames > frames + 20);
  assert.equal((await program.venue(venue)).connected, true);
  await fault("resume");
  await healthy(stage);

  const seen = stream.closed.length;
  const { gaps } = await program.venue(venue);
  const { topics } = await fault("gap");
  assert.equal((topics as string[]).length, SYMBOLS.length);
  if (HAS_SEQUENCE.has(venue)) {
    await until("gaps were noticed", () => program.venue(venue), (now) => now.gaps >= gaps + SYMBOLS.length);
    await until("the stream told of it", () => stream.closed.length > seen);
    await healthy(stage);
    assertClosed(stage, seen, "leg_withdrawn");
  } else await healthy(stage);

  assert.ok(sampler.samples > 20, `Only ${sampler.samples} samples`);
  assert.deepEqual(sampler.wrong, []);
  const { reconnects, restarts } = await program.venue(venue);
  assert.deepEqual({ reconnects, restarts }, { reconnects: 0, restarts: 0 });
  await othersGoOn(stage, before);
});

/** Of the frames that the emulators send as garbage, at least as many make no sense on any venue. */
const MALFORMED = 5;

/** The program reads a book with a checksum from Kraken. Where every frame is complete there is nothing to miss. */
const HAS_SEQUENCE: ReadonlySet<string> = new Set(["kraken"]);

/** Asserts that something closed since, only what touches the venue, and for this reason. */
function assertClosed({ stream, venue }: Stage, since: number, reason: CloseReason): void {
  const closed = stream.closed.slice(since);
  assert.deepEqual([...new Set(closed.map((one) => one.reason))], [reason]);
  assert.ok(closed.every(touches(venue)), "Only what touches the venue closed");
}

/** Looks at the prices again and again, as fast as they are answered, until it is disposed of. */
class Sampler implements AsyncDisposable {
  samples = 0;
  /** What was seen that can be no quote. */
  readonly wrong: unknown[] = [];
  #running = true;
  readonly #loop: Promise<void>;

  constructor(program: Program) {
    this.#loop = this.#sample(program).catch((error) => void this.wrong.push(error));
  }

  async #sample(program: Program): Promise<void> {
    for (; this.#running; this.samples++) {
      const quotes = await Promise.all(SYMBOLS.map((symbol) => program.quotes(symbol)));
      for (const quote of quotes.flat()) {
        const { bid, bidSize, ask, askSize } = quote;
        const numbers = [bid, bidSize, ask, askSize];
        const sound = numbers.every((one) => Number.isFinite(one) && one! > 0) && bid! < ask!;
        if (!sound) this.wrong.push(quote);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running = false;
    await this.#loop;
  }
}
