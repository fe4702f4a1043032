/** The contract of the port `History`: minutes, hours and days. */
import assert from "node:assert/strict";
import { type Bar, MINUTE_MS } from "../../../core/domain/bar.ts";
import { seed } from "../../core/seed.ts";
import { seeded } from "../../random.ts";
import { sameBars, whole } from "../oracle.ts";
import { DAY0, episode, minute, quotes } from "../records.ts";
import { bars, DAY, episodes, HOUR, intervals, query, range } from "./questions.ts";
import type { Test } from "../contract.ts";

export function barTests(test: Test): void {
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
}
