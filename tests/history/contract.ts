/** The contract of the port `History`: what its comments say, for every implementation alike. */
import assert from "node:assert/strict";
import { type Bar, INTERVALS, MINUTE_MS } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Migration } from "../../adapters/history/migrations.ts";
import type { BarsQuery, EpisodesQuery, History } from "../../core/ports/history.ts";
import { HistoryError } from "../../core/ports/history.ts";
import { seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { sameBars, whole } from "./oracle.ts";
import { DAY0, episode, minute, quotes } from "./records.ts";

export interface Fresh extends AsyncDisposable {
  /** Opens the same empty database as often as it is called; closed in the end. */
  open(): History;
  /** Rows of a query in plain SQL, by another client than the one under test. */
  sql(query: string): Promise<Record<string, unknown>[]>;
  /** Runs a statement. */
  run(statement: string): Promise<void>;
  /** Expression for a time column in ms. */
  ms(column: string): string;
  migrations: readonly Migration[];
}

const HOUR = INTERVALS["1h"];
const DAY = INTERVALS["1d"];

export function contract(name: string, fresh: () => Promise<Fresh>, ignore: boolean): void {
  const test = (title: string, body: (history: History, database: Fresh) => Promise<void>) =>
    Deno.test({
      name: `History in ${name}: ${title}`,
      ignore,
      async fn() {
        await using database = await fresh();
        const history = database.open();
        await history.migrate();
        await body(history, database);
      },
    });

  test("minutes come back as they were written, absent sides and parts of a millisecond included", async (history) => {
    const random = seeded(seed);
    const minutes = range(90).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    await history.write({ minutes, episodes: [] });
    assert.deepEqual(await bars(history, {}), minutes);
  });

  test("writing the same again changes nothing", async (history, database) => {
    const random = seeded(seed);
    const minutes = range(200).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    const episodes = range(20).map((n) => episode(random, `e${n}`));
    const tables = async () => [
      await database.sql("select * from minutes order by timestamp"),
      await database.sql("select * from hours order by timestamp"),
      await database.sql("select * from days order by timestamp"),
      await database.sql("select * from episodes order by id"),
    ];
    await history.write({ minutes, episodes });
    const before = await tables();
    await history.write({ minutes, episodes });
    await history.write({ minutes: minutes.slice(50, 80), episodes: episodes.slice(3, 5) });
    assert.deepEqual(await tables(), before);
  });

  test("of two episodes with the same id the later stays, in one batch and over two", async (history) => {
    const random = seeded(seed);
    const [one, two, three] = range(3).map((n) => episode(random, "same", { buyFeeBps: n }));
    await history.write({ minutes: [], episodes: [one!, two!] });
    assert.deepEqual(await episodes(history, {}), [two]);
    await history.write({ minutes: [], episodes: [three!] });
    assert.deepEqual(await episodes(history, {}), [three]);
  });

  test("of two versions of a minute the one that knows more stays, whichever comes first; of equal ones the later", async (history) => {
    const random = seeded(seed);
    /** Each knows more than those before. */
    const known = [
      { samples: 0, freshMs: 100, complete: false },
      { samples: 0, freshMs: 59_000, complete: false },
      { samples: 5, freshMs: 100, complete: false },
      { samples: 6, freshMs: 50, complete: false },
      { samples: 6, freshMs: 60, complete: false },
      { samples: 0, freshMs: MINUTE_MS, complete: true },
      { samples: 7, freshMs: MINUTE_MS, complete: true },
    ];
    const versions = known.map((figures) => ({ ...minute(random, { timestamp: DAY0 }), ...figures }));
    const write = (...minutes: Bar[]) => history.write({ minutes, episodes: [] });
    let best = -1;
    for (let round = 0; round < 30; round++) {
      const batch = range(1 + Math.floor(random() * 3)).map(() =>
        Math.floor(random() * Math.min(7, round + 1))
      );
      await write(...batch.map((n) => versions[n]!));
      best = Math.max(best, ...batch);
      assert.deepEqual(await bars(history, {}), [versions[best]]);
    }
    const equal = { ...versions.at(-1)!, lastPrice: versions.at(-1)!.lastPrice + 1 };
    await write(equal);
    assert.deepEqual(await bars(history, {}), [equal]);
    const [first, second] = [1, 2].map((lastPrice) => ({ ...equal, timestamp: DAY0 + MINUTE_MS, lastPrice }));
    await write(first!, second!);
    assert.deepEqual(await bars(history, {}), [equal, second]);
    sameBars(await bars(history, { interval: "1h" }), [whole([equal, second!], DAY0, HOUR, MINUTE_MS)]);
  });

  test("an empty batch is written, and an empty history answers with nothing", async (history) => {
    await history.write({ minutes: [], episodes: [] });
    await history.writeQuotes(quotes(seeded(seed), 0, { from: DAY0 }));
    assert.deepEqual(await bars(history, {}), []);
    assert.deepEqual(await episodes(history, {}), []);
  });

  test("ranges include their begin and exclude their end; modes, symbols and exchanges do not mix", async (history) => {
    const random = seeded(seed);
    const minutes = range(10).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    const others = [
      minute(random, { timestamp: DAY0, mode: "test" }),
      minute(random, { timestamp: DAY0, symbol: "ETH-USDT" }),
      minute(random, { timestamp: DAY0, exchange: "okx" }),
    ];
    await history.write({ minutes: [...others, ...minutes], episodes: [] });
    const from = DAY0 + 2 * MINUTE_MS;
    const to = DAY0 + 5 * MINUTE_MS;
    assert.deepEqual(await bars(history, { from, to }), minutes.slice(2, 5));
    assert.deepEqual(await bars(history, { from: from + 1, to: to + 1 }), minutes.slice(3, 6));
    assert.deepEqual(await bars(history, { from, to: from }), []);
    assert.deepEqual(await bars(history, { mode: "test" }), [others[0]]);
    assert.deepEqual(await bars(history, { symbol: "ETH-USDT" }), [others[1]]);
    assert.deepEqual(await bars(history, { exchange: "okx" }), [others[2]]);
    assert.deepEqual(await bars(history, { exchange: "nobody" }), []);
    const all = await bars(history, {});
    assert.deepEqual(all, [minutes[0], others[2], ...minutes.slice(1)]);
  });

  test("bars of many exchanges with gaps come in bounded pages, in the order of time, then exchange", async (history) => {
    const random = seeded(seed);
    const minutes: Bar[] = [];
    for (const exchange of ["a", "b", "é", "Z", "late"]) {
      for (const n of range(1500)) {
        if (random() < 0.2 || (exchange === "late" && n < 1400)) continue;
        minutes.push(minute(random, { exchange, timestamp: DAY0 + n * MINUTE_MS }));
      }
    }
    await history.write({ minutes, episodes: [] });
    const pages: Bar[][] = [];
    for await (const page of history.bars(query({}))) pages.push(page);
    assert.ok(pages.length > 2, `There are ${pages.length} pages`);
    assert.ok(pages.every(({ length }) => length > 0 && length <= 2000));
    const expected = minutes.sort((a, b) => a.timestamp - b.timestamp || (a.exchange < b.exchange ? -1 : 1));
    assert.deepEqual(pages.flat(), expected);
    const ofOne = await bars(history, { exchange: "é" });
    assert.deepEqual(ofOne, expected.filter(({ exchange }) => exchange === "é"));
  });

  test("reading can stop after any page", async (history) => {
    const random = seeded(seed);
    const minutes = range(2500).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    const many = range(2500).map((n) => episode(random, `e${n}`));
    await history.write({ minutes, episodes: many });
    for await (const page of history.bars(query({}))) {
      assert.ok(page.length > 0);
      break;
    }
    for await (const page of history.episodes({ mode: "live" })) {
      assert.ok(page.length > 0);
      break;
    }
    assert.equal((await bars(history, {})).length, 2500);
  });

  test("hours and days are what their minutes make, whatever the order in which these come", async (history) => {
    const random = seeded(seed);
    const minutes: Bar[] = [];
    for (const exchange of ["kraken", "bybit"]) {
      for (const n of range(60 * 50)) {
        // A whole hour without a tick, one without a minute, one that is complete.
        const hour = Math.floor(n / 60);
        if (hour === 7 || (hour > 8 && random() < 0.1)) continue;
        const bar = minute(random, { exchange, timestamp: DAY0 + n * MINUTE_MS });
        if (hour === 5) minutes.push({ ...bar, samples: 0 });
        else if (hour === 6) minutes.push({ ...bar, freshMs: MINUTE_MS, complete: true });
        else minutes.push(bar);
      }
    }
    const shuffled = minutes.map((bar) => ({ bar, at: random() })).sort((a, b) => a.at - b.at).map((
      { bar },
    ) => bar);
    for (let n = 0; n < shuffled.length; n += 700) {
      await history.write({ minutes: shuffled.slice(n, n + 700), episodes: [] });
    }
    for (const [interval, lengthMs] of [["1h", HOUR], ["1d", DAY]] as const) {
      const expected = intervals(minutes, lengthMs).map(([begin, parts]) =>
        whole(parts, begin, lengthMs, MINUTE_MS)
      );
      assert.ok(interval === "1d" || expected.some(({ complete }) => complete));
      for (const exchange of ["bybit", "kraken"]) {
        sameBars(
          await bars(history, { interval, exchange }),
          expected.filter((bar) => bar.exchange === exchange),
        );
      }
    }
  });

  test("a complete day is one whose every minute is", async (history) => {
    const random = seeded(seed);
    const minutes = range(1440).map((n): Bar => ({
      ...minute(random, { timestamp: DAY0 + n * MINUTE_MS }),
      freshMs: MINUTE_MS,
      complete: true,
    }));
    const complete = async () => (await bars(history, { interval: "1d" })).map(({ complete }) => complete);
    const cut = { ...minutes[700]!, complete: false, freshMs: 5 };
    await history.write({ minutes: minutes.slice(1).with(699, cut), episodes: [] });
    assert.deepEqual(await complete(), [false]);
    await history.write({ minutes: minutes.slice(0, 1), episodes: [] });
    assert.deepEqual(await complete(), [false]);
    await history.write({ minutes: minutes.slice(700, 701), episodes: [] });
    assert.deepEqual(await complete(), [true]);
  });

  test("an average never lies outside of its minimum and maximum", async (history) => {
    const random = seeded(seed);
    const minutes = range(180).map((n) => {
      const price = 0.1 + 0.2;
      const bar = minute(random, { timestamp: DAY0 + n * MINUTE_MS });
      return { ...bar, averagePrice: price, minPrice: price, maxPrice: price };
    });
    await history.write({ minutes, episodes: [] });
    for (
      const bar of [...await bars(history, { interval: "1h" }), ...await bars(history, { interval: "1d" })]
    ) {
      assert.equal(bar.averagePrice, bar.minPrice);
      assert.equal(bar.averagePrice, bar.maxPrice);
    }
  });

  test("episodes come latest closed first, of equal ones by id from high to low, and go on after any", async (history) => {
    const random = seeded(seed);
    const kept = range(2300).map((n) => {
      const closed = DAY0 + Math.floor(random() * 300) * 0.125;
      const one = episode(random, `id-${n}`);
      return { ...one, end: { ...one.end, time: closed } };
    });
    await history.write({ minutes: [], episodes: kept });
    const expected = [...kept].sort(latestFirst);
    const pages: Episode[][] = [];
    for await (const page of history.episodes({ mode: "live" })) pages.push(page);
    assert.ok(pages.length > 2 && pages.every(({ length }) => length > 0 && length <= 2000));
    assert.deepEqual(pages.flat(), expected);
    for (const limit of [1, 7, 999, 1000, 1001, 2000, 2300, 5000]) {
      assert.deepEqual(await episodes(history, { limit }), expected.slice(0, limit));
    }
    for (const n of [0, 1, 999, 1000, 2298, 2299]) {
      const { id, end } = expected[n]!;
      const rest = await episodes(history, { after: { closedAt: end.time, id } });
      assert.deepEqual(rest, expected.slice(n + 1));
    }
  });

  test("episodes are filtered by symbol, exchange on either leg, reason, edge at the peak and closing time", async (history) => {
    const random = seeded(seed);
    const venues = ["kraken", "bybit", "okx"];
    const kept = range(300).map((n) =>
      episode(random, `id-${n}`, {
        mode: random() < 0.5 ? "live" : "test",
        symbol: random() < 0.5 ? "BTC-USDT" : "ETH-USDT",
        buyExchange: venues[Math.floor(random() * 3)]!,
        sellExchange: venues[Math.floor(random() * 3)]!,
        reason: random() < 0.5 ? "leg_stale" : "below_threshold",
      })
    );
    await history.write({ minutes: [], episodes: kept });
    const from = DAY0 + DAY / 4;
    const to = kept[7]!.end.time;
    const filters: Omit<EpisodesQuery, "mode">[] = [
      {},
      { symbol: "ETH-USDT" },
      { exchange: "okx" },
      { reason: "leg_stale" },
      { minNetBps: 10 },
      { from },
      { to },
      { from, to, symbol: "BTC-USDT", exchange: "kraken", reason: "below_threshold", minNetBps: 0 },
    ];
    for (const filter of filters) {
      const expected = kept.filter((one) =>
        one.mode === "live" && (filter.symbol === undefined || one.symbol === filter.symbol) &&
        (filter.exchange === undefined || [one.buyExchange, one.sellExchange].includes(filter.exchange)) &&
        (filter.reason === undefined || one.reason === filter.reason) &&
        one.peak.netBps >= (filter.minNetBps ?? -Infinity) &&
        one.end.time >= (filter.from ?? -Infinity) && one.end.time < (filter.to ?? Infinity)
      );
      assert.deepEqual(await episodes(history, filter), expected.sort(latestFirst));
    }
  });

  test(
    "names with quotes, backslashes, braces, other scripts and control characters are names",
    async (history, database) => {
      const random = seeded(seed);
      const names = [`O'X"-\\{,}$1`, "ДОГ-USDT", "🚀-USDT", "NULL-NULL", "%_-\t\n", " , -;--"];
      const minutes = names.map((symbol) => minute(random, { symbol, exchange: symbol, timestamp: DAY0 }));
      const kept = names.map((symbol) => episode(random, symbol, { symbol, buyExchange: symbol }));
      await history.write({ minutes, episodes: kept });
      await history.writeQuotes(quotes(random, 50, { from: DAY0, symbols: names, exchanges: names }));
      for (const [n, symbol] of names.entries()) {
        assert.deepEqual(await bars(history, { symbol, exchange: symbol }), [minutes[n]]);
        assert.deepEqual(await bars(history, { symbol }), [minutes[n]]);
        assert.deepEqual(await episodes(history, { symbol, exchange: symbol }), [kept[n]]);
      }
      const rows = await database.sql("select distinct pair_name from quotes");
      assert.ok(rows.every(({ pair_name }) => names.includes(pair_name as string)));
      // PostgreSQL has no NUL in text; a name with one must not stop the batch that it is in.
      await history.write({ minutes: [{ ...minutes[0]!, symbol: "N\0L-USDT" }], episodes: [] });
      assert.equal((await bars(history, { symbol: "N\0L-USDT" })).length, 1);
    },
  );

  test("raw quotes can be read with plain SQL, over several days", async (history, database) => {
    const random = seeded(seed);
    const from = DAY0 + DAY - 1000;
    const written = quotes(random, 2000, { from });
    await history.writeQuotes(written);
    const rows = await database.sql(
      `select mode, exchange, pair_name, ${database.ms("received_time")} as received,
        ${database.ms("exchange_time")} as exchanged, state, bid, bid_size, ask, ask_size, price, ticks
        from quotes order by received_time`,
    );
    const orNull = (value: number) => Number.isNaN(value) ? null : value;
    const expected = range(2000).map((n) => {
      const [cell, state, bid, bidSize, ask, askSize, price, exchanged, received, ticks] = written.rows
        .subarray(
          n * 10,
          n * 10 + 10,
        ) as unknown as number[];
      return {
        mode: "live",
        exchange: written.exchanges[Math.floor(cell! / 2)],
        pair_name: written.symbols[cell! % 2],
        received,
        exchanged: orNull(exchanged!),
        state: ["withdrawn", "fresh", "stale"][state!],
        bid: orNull(bid!),
        bid_size: orNull(bidSize!),
        ask: orNull(ask!),
        ask_size: orNull(askSize!),
        price: orNull(price!),
        ticks,
      };
    });
    assert.deepEqual(rows.map((row) => ({ ...row })), expected);
  });

  test("what is older than its retention goes, hours and days stay", async (history, database) => {
    const random = seeded(seed);
    const now = DAY0 + 10 * DAY;
    const minutes = range(10 * 24 * 6).map((n) => minute(random, { timestamp: DAY0 + n * 10 * MINUTE_MS }));
    const kept = range(100).map((n) => {
      const one = episode(random, `e${n}`, { mode: n % 2 === 0 ? "live" : "test" });
      return { ...one, end: { ...one.end, time: DAY0 + n * DAY / 10 } };
    });
    await history.write({ minutes, episodes: kept });
    const hours = await bars(history, { interval: "1h" });
    const days = await bars(history, { interval: "1d" });
    for (const n of range(10)) await history.writeQuotes(quotes(random, 100, { from: DAY0 + n * DAY }));
    const removed = await history.removeOld({ minutes: 3 * DAY, quotes: 2 * DAY, episodes: 5 * DAY }, now);
    assert.deepEqual(await bars(history, {}), minutes.filter(({ timestamp }) => timestamp >= now - 3 * DAY));
    const left = (await database.sql("select id from episodes")).length;
    assert.equal(left, 50);
    assert.deepEqual(await bars(history, { interval: "1h" }), hours);
    assert.deepEqual(await bars(history, { interval: "1d" }), days);
    const [row] = await database.sql(
      `select count(*) as count, min(${database.ms("received_time")}) as oldest from quotes`,
    );
    assert.equal(Number(row!.count), 200);
    assert.ok(Number(row!.oldest) >= now - 2 * DAY);
    assert.deepEqual(removed, { minutes: 7 * 24 * 6, quotes: 800, episodes: 50 });
    const again = await history.removeOld({ minutes: 3 * DAY, quotes: 2 * DAY, episodes: 5 * DAY }, now);
    assert.deepEqual(again, { minutes: 0, quotes: 0, episodes: 0 });
    await history.writeQuotes(quotes(random, 100, { from: DAY0 }));
    assert.equal(
      (await history.removeOld({ minutes: DAY, quotes: 2 * DAY, episodes: DAY }, now)).quotes,
      100,
    );
  });

  test("minutes are removed by whole hours, so that a late one does not spoil its hour", async (history) => {
    const random = seeded(seed);
    const minutes = range(120).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    await history.write({ minutes, episodes: [] });
    await history.removeOld({ minutes: HOUR, quotes: DAY, episodes: DAY }, DAY0 + 2 * HOUR + 30 * MINUTE_MS);
    assert.deepEqual(await bars(history, {}), minutes.slice(60));
  });

  test("a batch is written as a whole or not at all", async (history, database) => {
    const random = seeded(seed);
    const broken = { ...episode(random, "broken"), buyFeeBps: null as unknown as number };
    const batch = { minutes: [minute(random, { timestamp: DAY0 })], episodes: [broken] };
    await assert.rejects(
      history.write(batch),
      (error) => error instanceof HistoryError && error.kind === "refused",
    );
    assert.deepEqual(await bars(history, {}), []);
    assert.deepEqual(await database.sql("select * from hours"), []);
    await history.write({ ...batch, episodes: [] });
    assert.equal((await bars(history, {})).length, 1);
  });

  test(
    "migrating again changes nothing, and programs that start at once all succeed",
    async (history, database) => {
      await history.migrate();
      await database.run("drop table schema_migrations");
      for (const table of ["minutes", "hours", "days", "episodes", "quotes"]) {
        await database.run(
          `drop table ${table}`,
        );
      }
      const many = range(4).map(() => database.open());
      await Promise.all(many.map((one) => one.migrate()));
      const rows = await database.sql("select version, name from schema_migrations order by version");
      const all = database.migrations.map(({ version, name }) => ({ version, name }));
      assert.deepEqual(rows.map((row) => ({ ...row })), all);
      await many[3]!.write({ minutes: [minute(seeded(seed), { timestamp: DAY0 })], episodes: [] });
    },
  );

  test("a schema that is newer than the program is refused with both versions", async (history, database) => {
    await database.run(
      "insert into schema_migrations select 7, 'later', applied_at from schema_migrations where version = 1",
    );
    await assert.rejects(
      history.migrate(),
      (error) =>
        error instanceof HistoryError && error.kind === "refused" &&
        new RegExp(
          `^Schema of .+ is version 7, this program knows 1 to ${database.migrations.length}: use a newer`,
        ).test(error.message),
    );
  });

  test("before the first migration it says that it is not ready", async (_, database) => {
    for (const table of ["minutes", "hours", "days", "episodes", "quotes"]) {
      await database.run(`drop table ${table}`);
    }
    const notReady = (error: unknown) =>
      error instanceof HistoryError && error.kind === "unreachable" && /is not ready/.test(error.message);
    const history = database.open();
    await assert.rejects(bars(history, {}), notReady);
    await assert.rejects(episodes(history, {}), notReady);
  });

  test("a reader sees what a writer wrote, while both are open", async (writer, database) => {
    const reader = database.open();
    const random = seeded(seed);
    const minutes = range(30).map((n) => minute(random, { timestamp: DAY0 + n * MINUTE_MS }));
    for (const [n, bar] of minutes.entries()) {
      await writer.write({ minutes: [bar], episodes: [] });
      assert.deepEqual(await bars(reader, {}), minutes.slice(0, n + 1));
    }
  });

  test("closed, it refuses; closing again does nothing", async (history) => {
    await history.close();
    await history.close();
    await assert.rejects(
      history.write({ minutes: [], episodes: [] }),
      (error) => error instanceof HistoryError && error.kind === "refused" && /is closed/.test(error.message),
    );
  });
}

function query(of: Partial<BarsQuery>): BarsQuery {
  return { mode: "live", symbol: "BTC-USDT", interval: "1m", from: 0, to: DAY0 + 1000 * DAY, ...of };
}

async function bars(history: History, of: Partial<BarsQuery>): Promise<Bar[]> {
  return (await Array.fromAsync(history.bars(query(of)))).flat();
}

async function episodes(history: History, of: Omit<EpisodesQuery, "mode">): Promise<Episode[]> {
  return (await Array.fromAsync(history.episodes({ mode: "live", ...of }))).flat();
}

/** The minutes of each exchange and interval, in the order of exchange and time. */
function intervals(minutes: readonly Bar[], lengthMs: number): [number, Bar[]][] {
  const found = Map.groupBy(
    minutes,
    ({ exchange, timestamp }) => `${exchange} ${Math.floor(timestamp / lengthMs) * lengthMs}`,
  );
  return [...found.values()]
    .map((parts): [number, Bar[]] => [Math.floor(parts[0]!.timestamp / lengthMs) * lengthMs, parts])
    .sort(([a], [b]) => a - b);
}

function latestFirst(a: Episode, b: Episode): number {
  return b.end.time - a.end.time || (a.id < b.id ? 1 : -1);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}
