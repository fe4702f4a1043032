/**
 * Readers of streams that read as they please, stop anywhere and come back with the last id that they saw: in the end
 * they know what a reader knows who begins now.
 */
import assert from "node:assert/strict";
import type { Filter } from "../../core/app/opportunities.ts";
import { StreamClient, type StreamEncoder, StreamHub } from "../../core/app/stream.ts";
import { KEEP_ALIVE_MS } from "../../core/app/stream/groups.ts";
import fc from "../tools/fast_check.ts";
import { ManualClock } from "./manual_clock.ts";
import { ScriptedMarket } from "./scripted_market.ts";
import { EVERY_MS, type Following, openQuotes } from "./scripted_quotes.ts";
import { runs, seed } from "./seed.ts";

const LIMITS = { maxClients: 10, maxBufferedBytes: 400, replayEvents: 12, conflateMs: 10 };

type Message =
  & { id: number }
  & (
    | { kind: "snapshot"; mode: string; open: Record<string, number> }
    | { kind: "opportunity"; name: string; netBps: number }
    | { kind: "closed"; name: string }
    | { kind: "alive" }
  );

const encode = (message: Message) => new TextEncoder().encode(JSON.stringify(message));

const encoder: StreamEncoder = {
  snapshot: (id, { mode, opportunities }) =>
    encode({
      id,
      kind: "snapshot",
      mode,
      open: Object.fromEntries(opportunities.map((one) => [one.id, one.netBps])),
    }),
  opportunity: (id, { id: name, netBps }) => encode({ id, kind: "opportunity", name, netBps }),
  closed: (id, { id: name }) => encode({ id, kind: "closed", name }),
  keepAlive: (id) => encode({ id, kind: "alive" }),
};

/** A transport and the reader behind it: what was taken from the hub may be on its way when the connection ends. */
class Reader {
  table = new Map<string, number>();
  mode = "";
  lastId: number | undefined;
  client: StreamClient;
  readonly #connect: (lastId?: number) => StreamClient;
  #onItsWay: Uint8Array[] = [];

  constructor(hub: StreamHub, filter: Filter, conflates: boolean) {
    this.#connect = (lastEventId) => {
      const client = hub.connect(filter, { encoder, lastEventId, conflates });
      assert.ok(client instanceof StreamClient);
      return client;
    };
    this.client = this.#connect();
  }

  async read(messages: number): Promise<void> {
    for (let read = 0; read < messages; read++) {
      if (this.#onItsWay.length === 0 && this.client.bufferedBytes > 0) {
        this.#onItsWay = (await this.client.next())!;
      }
      const bytes = this.#onItsWay.shift();
      if (!bytes) return;
      this.#apply(JSON.parse(new TextDecoder().decode(bytes)));
    }
  }

  #apply(message: Message): void {
    assert.ok(message.id >= (this.lastId ?? 0), `Id ${message.id} came after ${this.lastId}`);
    this.lastId = message.id;
    if (message.kind === "snapshot") {
      this.table = new Map(Object.entries(message.open));
      this.mode = message.mode;
    } else if (message.kind === "opportunity") this.table.set(message.name, message.netBps);
    else if (message.kind === "closed") this.table.delete(message.name);
  }

  comeBack(): void {
    this.client.leave();
    this.#onItsWay = [];
    this.client = this.#connect(this.lastId);
  }

  /** Reads what there is, and comes back where it was cut, until it is up to date. */
  async catchUp(): Promise<void> {
    await this.read(Infinity);
    if (this.client.end !== undefined) this.comeBack();
    await this.read(Infinity);
    assert.equal(this.client.end, undefined, "It was cut although it reads");
  }
}

const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("put"),
      one: fc.nat(4),
      netBps: fc.integer({ min: 5, max: 9 }),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("close"), one: fc.nat(4) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.constantFrom(1, 5, 20, 20, 20) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.constant(KEEP_ALIVE_MS) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mode") }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("read"), reader: fc.nat(3), messages: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("back"), reader: fc.nat(3) }) },
) as fc.Arbitrary<
  Partial<Record<"one" | "netBps" | "ms" | "reader" | "messages", number>> & { kind: string }
>;
const steps = fc.array(step, { maxLength: 150, size: "max" });

Deno.test("whoever reads opportunities slowly, stops and comes back ends with the table of one who begins now", async () => {
  let superseded = 0;
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const market = new ScriptedMarket();
      const clock = new ManualClock();
      const hub = new StreamHub({ market: market.asMarket, clock, limits: LIMITS });
      const readers = [
        new Reader(hub, {}, true),
        new Reader(hub, {}, false),
        new Reader(hub, { minNetBps: 7 }, true),
        new Reader(hub, { minNetBps: 7 }, false),
      ];
      const witness = new Reader(hub, {}, true);
      let episodes = 0;
      const open = new Map<number, string>();
      for (const { kind, one = 0, netBps = 0, ms = 0, reader = 0, messages = 0 } of steps) {
        if (kind === "put") {
          if (!open.has(one)) open.set(one, `${one}-${++episodes}`);
          market.put(open.get(one)!, netBps);
        } else if (kind === "close" && open.has(one)) {
          market.close(open.get(one)!);
          open.delete(one);
        } else if (kind === "wait") await clock.advance(ms);
        else if (kind === "mode") {
          market.switchMode();
          open.clear();
          hub.checkMode();
        } else if (kind === "read") await readers[reader]!.read(messages);
        else if (kind === "back") readers[reader]!.comeBack();
        await witness.catchUp();
      }
      await clock.advance(100);
      await witness.catchUp();
      const now = new Map(market.opportunities().map(({ id, netBps }) => [id, netBps]));
      assert.deepEqual(sorted(witness.table), sorted(now));
      const shown = new Map([...now].filter(([_, netBps]) => netBps >= 7));
      for (const [index, reader] of readers.entries()) {
        await reader.catchUp();
        assert.deepEqual(sorted(reader.table), sorted(index < 2 ? now : shown), `Reader ${index}`);
        if (reader.mode !== "") assert.equal(reader.mode, market.mode);
      }
      ({ superseded, cut } = { superseded: superseded + hub.stats().superseded, cut: cut + hub.stats().cut });
      hub.close();
    }),
    { seed, numRuns: runs(300) },
  );
  // Or all of this would say little.
  assert.ok(superseded > 100 && cut > 10, `Superseded ${superseded}, cut ${cut}`);
});

const quoteStep = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom("quote", "quote", "quote", "withdraw"),
      exchange: fc.constantFrom("bybit", "okx"),
      symbol: fc.constantFrom("BTC-USDT", "ETH-USDT"),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("look") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mode") }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("read"), reader: fc.nat(2) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("leave", "back"), reader: fc.nat(2) }) },
) as fc.Arbitrary<Partial<Record<"exchange" | "symbol", string>> & { kind: string; reader?: number }>;

Deno.test("whoever comes back to quotes with any sequence ends with what one gets who begins now", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(quoteStep, { maxLength: 100, size: "max" }), async (steps) => {
      const { market, clock, connect, hub } = openQuotes({ maxClients: 10_000 });
      const filters = [{}, { symbol: "BTC-USDT" }, { exchange: "okx" }];
      const readers = filters.map((filter) => connect(filter));
      /** Every state of each reader at the time when it had seen this sequence. */
      const places = filters.map(() => [] as { sequence: number; table: Map<string, number> }[]);
      const asking = new Map<Following, Promise<unknown>>();
      /** It waits where there is nothing new; whatever comes then, comes to this. */
      const ask = async (reader: Following) => {
        if (!asking.has(reader)) asking.set(reader, reader.take().then(() => asking.delete(reader)));
        await clock.turn();
      };
      const read = async (index: number) => {
        const reader = readers[index]!;
        await ask(reader);
        if (reader.last) {
          places[index]!.push({ sequence: reader.last.sequence, table: new Map(reader.table) });
        }
      };
      let bid = 0;
      for (const { kind, exchange = "", symbol = "", reader = 0 } of steps) {
        if (kind === "quote") market.quote(exchange, symbol, ++bid);
        else if (kind === "withdraw") market.withdraw(exchange, symbol);
        else if (kind === "look") await clock.advance(EVERY_MS);
        else if (kind === "mode") market.switchMode();
        else if (kind === "leave") readers[reader]!.reader.leave();
        else if (kind === "read" && readers[reader]!.reader.end === undefined) await read(reader);
        else if (kind === "back") {
          const { last, table, reader: left } = readers[reader]!;
          left.leave();
          readers[reader] = connect(filters[reader]!, last?.sequence);
          for (const [key, value] of table) readers[reader]!.table.set(key, value);
          if (last) readers[reader]!.told.push(last);
        }
      }
      for (const [index, filter] of filters.entries()) {
        const fresh = connect(filter);
        await fresh.take();
        for (const { sequence, table } of places[index]!) {
          const back = connect(filter, sequence);
          for (const [key, value] of table) back.table.set(key, value);
          await ask(back);
          assert.deepEqual(sorted(back.table), sorted(fresh.table), `Filter ${index}, from ${sequence}`);
        }
        const now = market.symbols.flatMap((symbol) => market.quotes(symbol))
          .filter((one) => Object.entries(filter).every(([name, value]) => one[name as "symbol"] === value))
          .map(({ exchange, symbol, bid }) => [`${exchange} ${symbol}`, bid!] as const);
        assert.deepEqual(sorted(fresh.table), sorted(new Map(now)));
      }
      hub.close();
    }),
    { seed, numRuns: runs(300) },
  );
});

function sorted(table: Map<string, number>): [string, number][] {
  return [...table].sort(([a], [b]) => a < b ? -1 : 1);
}
