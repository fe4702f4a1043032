/**
 * The program killed at random moments and started again on the same folder and database. What it had acknowledged, in
 * the history or durable in its outbox, is there once in the end; a minute that was cut is there and says so.
 */
import assert from "node:assert/strict";
import type { Bar } from "../../../core/domain/bar.ts";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { seeded } from "../../random.ts";
import { pause, until } from "../process.ts";
import type { Config } from "../program.ts";
import { Instance } from "./instance.ts";
import { leftBy } from "./left.ts";
import { type BarRow, bars, type Sql } from "./sql.ts";

export interface KillOptions {
  seed: number;
  kills: number;
  /** How long a run lasts, from when it serves. */
  runMs: { least: number; most: number };
  config: Config;
  open(dataDir: string): Sql;
  say?(what: string): void;
}

/** What was acknowledged of a minute: at least so many ticks between these prices. */
interface Acknowledged {
  samples: number;
  minPrice: number;
  maxPrice: number;
}

/** A checkpoint is written every five seconds; this leaves room for a busy machine. */
const CHECKPOINT_WITHIN_MS = 20_000;

export async function kills(options: KillOptions): Promise<void> {
  const { say = () => {} } = options;
  const random = seeded(options.seed);
  const { least, most } = options.runMs;
  await using instance = await Instance.in(options.config);
  const minutes = new Map<string, Acknowledged>();
  const episodes = new Set<string>();
  const cut = new Set<string>();
  for (let n = 0; n < options.kills; n++) {
    const program = await instance.start();
    const startedAt = Date.now();
    await pause(least + random() * (most - least));
    program.process.kill("SIGKILL");
    await program.process.untilEnded();
    const killedAt = Date.now();
    const left = await leftBy(instance.dataDir);
    for (const bar of [...left.records, ...left.open]) acknowledge(minutes, keyOf(bar), bar);
    for (const bar of left.open) cut.add(keyOf(bar));
    for (const { id } of left.episodes) episodes.add(id);
    await using sql = options.open(instance.dataDir);
    for (const bar of await kept(sql)) {
      acknowledge(minutes, rowKey(bar), {
        samples: bar.samples,
        minPrice: bar.min_price,
        maxPrice: bar.max_price,
      });
    }
    for (const { id } of await keptEpisodes(sql)) episodes.add(id);
    const ageMs = killedAt - left.writtenAt;
    say(
      `kill ${n + 1} after ${killedAt - startedAt} ms: ${left.records.length} minutes in the outbox, ` +
        `${left.open.length} open, written ${
          Math.round(ageMs)
        } ms before; ${minutes.size} minutes acknowledged`,
    );
    if (killedAt - startedAt > CHECKPOINT_WITHIN_MS) {
      assert.ok(left.open.length > 0, "The open minute is in the outbox");
      assert.ok(ageMs < CHECKPOINT_WITHIN_MS, `The outbox was written ${ageMs} ms before the kill`);
    }
  }
  const program = await instance.start();
  // The minute of the last kill is over and closed.
  await pause(MINUTE_MS - Date.now() % MINUTE_MS);
  await until(
    "everything is in the history",
    () => program.health(),
    ({ outbox, uptimeMs }) =>
      uptimeMs > 5_000 && Date.now() % MINUTE_MS > 3_000 && outbox.records + outbox.pending === 0,
  );
  assert.equal((await instance.stop()).code, 0);

  await using sql = options.open(instance.dataDir);
  const rows = await kept(sql);
  const byKey = new Map(rows.map((row) => [rowKey(row), row]));
  assert.equal(byKey.size, rows.length, "No minute is there twice");
  for (const [key, { samples, minPrice, maxPrice }] of minutes) {
    const row = byKey.get(key);
    const what = JSON.stringify({ key, samples, minPrice, maxPrice, row });
    assert.ok(row, `A minute that was acknowledged is there: ${what}`);
    assert.ok(row.samples >= samples, what);
    if (samples > 0) assert.ok(row.min_price <= minPrice && row.max_price >= maxPrice, what);
  }
  for (const key of cut) assert.equal(byKey.get(key)!.complete, false, `${key} was cut and says so`);
  const ids = (await keptEpisodes(sql)).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, "No episode is there twice");
  assert.deepEqual([...episodes].filter((id) => !ids.includes(id)), []);
  assert.ok(cut.size > 0 && rows.some(({ complete }) => !complete));
  say(
    `${rows.length} minutes, ${minutes.size} of them acknowledged before a kill, ${cut.size} cut; ` +
      `${ids.length} episodes: none missing, none double`,
  );
}

function acknowledge(all: Map<string, Acknowledged>, key: string, bar: Acknowledged): void {
  const before = all.get(key);
  if (before === undefined || before.samples <= bar.samples) {
    all.set(key, { samples: bar.samples, minPrice: bar.minPrice, maxPrice: bar.maxPrice });
  }
}

async function kept(sql: Sql): Promise<BarRow[]> {
  return await ifThere(() => bars(sql, "minutes"));
}

async function keptEpisodes(sql: Sql): Promise<{ id: string }[]> {
  return await ifThere(() => sql.rows<{ id: string }>("select id from episodes"));
}

/** A program that was killed early may not have made its tables. */
async function ifThere<T>(read: () => Promise<T[]>): Promise<T[]> {
  try {
    return await read();
  } catch (error) {
    if (/no such table|does not exist/u.test(String(error))) return [];
    throw error;
  }
}

function keyOf({ exchange, symbol, timestamp }: Bar): string {
  return `${timestamp} ${exchange} ${symbol}`;
}

function rowKey({ exchange, pair_name, timestamp }: BarRow): string {
  return `${timestamp} ${exchange} ${pair_name}`;
}
