/** What has to be in the history after a run, whatever happened meanwhile. */
import assert from "node:assert/strict";
import { MINUTE_MS } from "../../../core/domain/bar.ts";
import { bars, type Sql } from "./sql.ts";

/** Exactly one row for each exchange, symbol and minute from `from` to the last; none missing, none double. */
export async function checkMinutes(
  sql: Sql,
  of: { exchanges: readonly string[]; symbols: readonly string[]; from: number },
): Promise<{ minutes: number; rows: number }> {
  const rows = (await bars(sql, "minutes")).filter(({ timestamp }) => timestamp >= of.from);
  const minutes = (rows.at(-1)!.timestamp - of.from) / MINUTE_MS + 1;
  const expected: string[] = [];
  for (let n = 0; n < minutes; n++) {
    for (const exchange of of.exchanges) {
      for (const symbol of of.symbols) expected.push(`${of.from + n * MINUTE_MS} ${exchange} ${symbol}`);
    }
  }
  const found = rows.map((row) => `${row.timestamp} ${row.exchange} ${row.pair_name}`);
  assert.deepEqual(found.sort(), expected.sort());
  return { minutes, rows: rows.length };
}

/** Every opportunity that was seen to close is there once, and no other one twice. */
export async function checkEpisodes(
  sql: Sql,
  closed: readonly { id: string; reason: string }[],
): Promise<number> {
  const rows = await sql.rows<{ id: string; reason: string }>("select id, reason from episodes");
  const reasons = new Map(rows.map(({ id, reason }) => [id, reason]));
  assert.equal(reasons.size, rows.length, "No episode is there twice");
  const missing = closed.filter(({ id, reason }) => reasons.get(id) !== reason);
  assert.deepEqual(missing, [], "Every episode that closed is there");
  return rows.length;
}
