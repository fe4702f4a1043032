/**
 * Writes records to the history and finds those that it refuses for their own sake, so that one bad record does not
 * hold up the rest for ever.
 *
 * A refused batch alone does not tell whether the records or the history are to blame. A record is, if it is refused
 * alone, others of the same batch are taken, and it is refused alone once more. If nothing at all is taken, it is the
 * history, and everything is tried again later.
 */
import type { History } from "../../core/ports/history.ts";
import { asHistoryError } from "./history_link.ts";
import type { Rejected } from "./outbox.ts";
import { batchOf, type Kept } from "./records.ts";

/** Writes that are tried in search of one that is taken: down to parts of a thirty-second, and some more. */
const TRIES = 80;

type Writer = Pick<History, "write">;

/** Writes in one transaction, in order, all but those returned. Throws `HistoryError`: try again later. */
export async function writeSieved(history: Writer, records: readonly Kept[]): Promise<Rejected[]> {
  if (records.length === 0) return [];
  const refusal = await refusalOf(history, records);
  if (refusal === undefined) return [];
  const suspects = await findSuspects(history, records);
  if (suspects === undefined || records.length === 1) throw refusal;
  const rejected: Rejected[] = [];
  for (const record of suspects) {
    const error = await refusalOf(history, [record]);
    if (error !== undefined) rejected.push({ record, error: error.message });
  }
  // Once more and in order: of two records with the same key, the search may have written the earlier one last.
  const bad = new Set(rejected.map(({ record }) => record));
  await history.write(batchOf(records.filter((record) => !bad.has(record))));
  return rejected;
}

/** Records that are refused alone; undefined where none was taken in so many tries. */
async function findSuspects(history: Writer, records: readonly Kept[]): Promise<Kept[] | undefined> {
  const suspects: Kept[] = [];
  const rest = halves(records);
  let taken = false;
  for (let tries = 0; rest.length > 0; tries++) {
    if (!taken && tries >= TRIES) return undefined;
    const part = rest.shift()!;
    if (await refusalOf(history, part) === undefined) taken = true;
    else if (part.length === 1) suspects.push(part[0]!);
    else rest.push(...halves(part));
  }
  return taken ? suspects : undefined;
}

function halves(records: readonly Kept[]): (readonly Kept[])[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].filter(({ length }) => length > 0);
}

/** Undefined where they were written. Throws where the history does not answer. */
async function refusalOf(history: Writer, records: readonly Kept[]) {
  try {
    await history.write(batchOf(records));
    return undefined;
  } catch (problem) {
    const error = asHistoryError(problem);
    if (error.kind === "unreachable") throw error;
    return error;
  }
}
