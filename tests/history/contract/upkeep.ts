/** The contract of the port `History`: batches, raw quotes, removal, migrations and the end. */
import assert from "node:assert/strict";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { HistoryError } from "../../../core/ports/history.ts";
import { seed } from "../../core/seed.ts";
import { seeded } from "../../random.ts";
import { DAY0, episode, minute, quotes } from "../records.ts";
import { bars, DAY, episodes, HOUR, range } from "./questions.ts";
import type { Test } from "../contract.ts";

export function upkeepTests(test: Test): void {
  test("an empty batch is written, and an empty history answers with nothing", async (history) => {
    await history.write({ minutes: [], episodes: [] });
    await history.writeQuotes(quotes(seeded(seed), 0, { from: DAY0 }));
    assert.deepEqual(await bars(history, {}), []);
    assert.deepEqual(await episodes(history, {}), []);
  });

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
