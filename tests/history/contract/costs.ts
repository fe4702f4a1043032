/** The contract of the port `History`: the costs of episodes, also of those that were kept before costs were told apart. */
import assert from "node:assert/strict";
import { seed } from "../../core/seed.ts";
import { seeded } from "../../random.ts";
import type { Fresh, Test } from "../contract.ts";
import { DAY0, episode } from "../records.ts";
import { episodes, range } from "./questions.ts";

export function costTests(test: Test): void {
  test(
    "impact and gas of each moment stand in columns of their own, and fees are what is left",
    async (history, database) => {
      const random = seeded(seed);
      const kept = range(50).map((n) => episode(random, `id-${n}`));
      await history.write({ minutes: [], episodes: kept });
      for (const one of kept) {
        const [row] = await database.sql(`select * from episodes where id = '${one.id}'`);
        for (const moment of ["start", "peak", "end"] as const) {
          const { impactQuote, gasQuote, feesQuote, grossBps, notionalQuote, profitQuote } = one[moment];
          assert.deepEqual(
            [row![`${moment}_impact_quote`], row![`${moment}_gas_quote`]],
            [impactQuote, gasQuote],
          );
          const spent = feesQuote + impactQuote + gasQuote;
          assert.ok(Math.abs(grossBps * notionalQuote / 10_000 - spent - profitQuote) < 1e-12);
        }
      }
      const byId = (a: { id: string }, b: { id: string }) => a.id < b.id ? -1 : 1;
      assert.deepEqual((await episodes(history, {})).sort(byId), kept.sort(byId));
    },
  );

  test(
    "an episode of a schema without them had no impact and no gas: all of its costs were fees",
    async (history, database) => {
      await history.close();
      await goBackTo(database, "episode_costs");
      await database.run(oldEpisode(database));
      const upgraded = database.open();
      await upgraded.migrate();
      const [old] = await episodes(upgraded, {});
      assert.equal(old!.id, "old");
      // 20 bps of 10,000 are 20, of which 7.25, 8.25 and 9.25 were left.
      for (const [moment, profitQuote] of [["start", 7.25], ["peak", 8.25], ["end", 9.25]] as const) {
        const { impactQuote, gasQuote, feesQuote } = old![moment];
        assert.deepEqual([impactQuote, gasQuote, feesQuote], [0, 0, 20 - profitQuote], moment);
      }
      const next = episode(seeded(seed), "new", {
        end: { ...episode(seeded(seed), "").end, time: DAY0 + 9 },
      });
      await upgraded.write({ minutes: [], episodes: [next] });
      assert.deepEqual(await episodes(upgraded, {}), [next, old]);
    },
  );
}

/** Leaves the database as a program made it that did not know the migration `name` and those after it. */
async function goBackTo(database: Fresh, name: string): Promise<void> {
  for (const table of ["minutes", "hours", "days", "episodes", "quotes"]) {
    await database.run(`drop table ${table}`);
  }
  const { version } = database.migrations.find((one) => one.name === name)!;
  await database.run(`delete from schema_migrations where version >= ${version}`);
  for (const one of database.migrations) if (one.version < version) await database.run(one.sql);
}

function oldEpisode(database: Fresh): string {
  const moment = (prefix: string, column: string, time: number, profit: number) => ({
    [column]: database.at(time),
    ...Object.fromEntries(
      Object.entries({
        buy_price: 100,
        sell_price: 100.2,
        size_base: 100,
        notional_quote: 10_000,
        gross_bps: 20,
        net_bps: profit,
        profit_quote: profit,
      }).map(([name, value]) => [`${prefix}_${name}`, String(value)]),
    ),
  });
  const values = {
    id: "'old'",
    mode: "'live'",
    pair_name: "'BTC-USDT'",
    buy_exchange: "'okx'",
    sell_exchange: "'kraken'",
    buy_fee_bps: "4",
    sell_fee_bps: "6",
    reason: "'below_threshold'",
    ...moment("start", "opened_at", DAY0, 7.25),
    ...moment("peak", "peak_at", DAY0 + 1, 8.25),
    ...moment("end", "closed_at", DAY0 + 2, 9.25),
  };
  return `insert into episodes (${Object.keys(values)}) values (${Object.values(values)})`;
}
