/** The history in PostgreSQL: the contract, and what only PostgreSQL has. */
import assert from "node:assert/strict";
import { DAY_MS } from "../../adapters/history/time.ts";
import { HistoryError } from "../../core/ports/history.ts";
import { seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { contract, type Fresh } from "./contract.ts";
import { freshPostgres, serverIsMissing } from "./postgres.ts";
import { DAY0, quotes } from "./records.ts";

const ignore = await serverIsMissing();

contract("PostgreSQL", freshPostgres, ignore);

function test(name: string, body: (database: Fresh) => Promise<void>): void {
  Deno.test({
    name: `History in PostgreSQL: ${name}`,
    ignore,
    async fn() {
      await using database = await freshPostgres();
      await body(database);
    },
  });
}

const count = async (database: Fresh, table: string) =>
  (await database.sql(`select count(*)::int as rows from ${table}`))[0]!.rows;

test("raw quotes stand in partitions by day, made ahead, and again where another program dropped one", async (database) => {
  const history = database.open();
  await history.migrate();
  const some = quotes(seeded(seed), 100, { from: DAY0 });
  await history.writeQuotes(some);
  assert.equal(await count(database, "quotes_20260701"), 100);
  assert.equal(await count(database, "quotes_20260702"), 0);
  await database.run("drop table quotes_20260701");
  await history.writeQuotes(some);
  assert.equal(await count(database, "quotes_20260701"), 100);
});

test("programs that make and drop partitions at once do not get into each other's way", async (database) => {
  const many = Array.from({ length: 4 }, () => database.open());
  await many[0]!.migrate();
  const work = many.map(async (history, n) => {
    for (let day = 0; day < 8; day++) {
      const some = quotes(seeded(n), 50, { from: DAY0 + day * DAY_MS });
      await history.writeQuotes(some);
      if (n === 0) await history.removeOld({ minutes: 0, quotes: DAY_MS, episodes: 0 }, DAY0 + day * DAY_MS);
    }
  });
  await Promise.all(work);
  const { quotes: removed } = await many[0]!.removeOld(
    { minutes: 0, quotes: 0, episodes: 0 },
    DAY0 + 20 * DAY_MS,
  );
  assert.ok(removed > 0);
  assert.equal(await count(database, "quotes"), 0);
});

test("a COPY that the server refuses in the middle keeps nothing, and the next call works", async (database) => {
  const history = database.open();
  await history.migrate();
  await database.run("alter table quotes add constraint refused check (ticks <> 424242)");
  const some = quotes(seeded(seed), 20_000, { from: DAY0 });
  const wrong = { ...some, rows: some.rows.slice() };
  wrong.rows[15_000 * 10 + 9] = 424_242;
  await assert.rejects(
    history.writeQuotes(wrong),
    (error) => error instanceof HistoryError && error.kind === "refused" && /refused/.test(error.message),
  );
  assert.equal(await count(database, "quotes"), 0);
  await history.writeQuotes(some);
  assert.equal(await count(database, "quotes"), 20_000);
});
