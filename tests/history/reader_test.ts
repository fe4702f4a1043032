/** Reading a SQLite file through a worker: what the contract does not say, and what can go wrong. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { type ReaderOptions, WorkerReader } from "../../adapters/history/reader.ts";
import { type ReaderHost, readerHost, readerWorker } from "../../adapters/history/reader_host.ts";
import { SqliteHistory } from "../../adapters/sqlite/history.ts";
import { MINUTE_MS } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import { type BarsQuery, HistoryError } from "../../core/ports/history.ts";
import { seeded } from "../random.ts";
import { DAY0, episode, minute } from "./records.ts";

const ALL: BarsQuery = { mode: "live", symbol: "BTC-USDT", interval: "1m", from: 0, to: DAY0 * 2 };
const MINUTES = Array.from({ length: 3_000 }, (_, n) => {
  return minute(seeded(n), { timestamp: DAY0 + n * MINUTE_MS });
});
/** More than a reader looks at in three steps. */
const MANY = 70_000;
const NOWHERE = { mode: "live", exchange: "nowhere" } as const;
const FAULTY = readerHost(new URL("./faulty_reader.ts", import.meta.url));
/** How often a test asks again, and how long it waits between: together half a minute. */
const TRIES = 300;
const TRY_AGAIN_MS = 100;

function test(
  name: string,
  body: (file: string, open: (options?: ReaderOptions) => WorkerReader) => Promise<void>,
  kept: (history: SqliteHistory) => Promise<void> = (history) =>
    history.write({ minutes: MINUTES, episodes: [] }),
): void {
  Deno.test(`Reading through a worker: ${name}`, async () => {
    const folder = Deno.makeTempDirSync({ prefix: "history_" });
    const readers: WorkerReader[] = [];
    try {
      const file = `${folder}/history.db`;
      const history = new SqliteHistory(file);
      await history.migrate();
      await kept(history);
      await history.close();
      await body(file, (options) => {
        const reader = new WorkerReader(file, options);
        readers.push(reader);
        return reader;
      });
    } finally {
      for (const reader of readers) await reader.close();
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

async function manyEpisodes(history: SqliteHistory): Promise<void> {
  const one = episode(seeded(1), "");
  const episodes = Array.from({ length: MANY }, (_, n): Episode => {
    return { ...one, id: `e${n}`, end: { ...one.end, time: DAY0 + n } };
  });
  await history.write({ minutes: MINUTES, episodes });
}

async function count(pages: AsyncIterable<unknown[]>): Promise<number> {
  return (await Array.fromAsync(pages)).flat().length;
}

function failure(kind: HistoryError["kind"], words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HistoryError, `It is ${error}`);
    assert.match(error.message, words);
    assert.equal(error.kind, kind);
    return true;
  };
}

/** Asks until there is an answer. */
async function answered(reader: WorkerReader): Promise<number> {
  for (let tries = 1;; tries++) {
    try {
      return await count(reader.bars(ALL));
    } catch (error) {
      if (!(error instanceof HistoryError) || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }
}

/** The real worker, and how often something was asked of it. */
function counted(): { host: ReaderHost; asked(): number } {
  let asked = 0;
  return {
    asked: () => asked,
    host: (events) => {
      const worker = readerWorker(events);
      return {
        ...worker,
        send(message) {
          if (message.kind === "ask") asked++;
          worker.send(message);
        },
      };
    },
  };
}

test(
  "a file that is not there yet is not ready, is not made, and is read as soon as it is there",
  async (file, open) => {
    const later = `${file}.later`;
    const reader = new WorkerReader(later);
    try {
      await assert.rejects(
        count(reader.bars(ALL)),
        failure("unreachable", /is not ready: nothing was written yet/),
      );
      assert.throws(() => Deno.statSync(later), Deno.errors.NotFound);
      Deno.copyFileSync(file, later);
      assert.equal(await count(reader.bars(ALL)), MINUTES.length);
    } finally {
      await reader.close();
    }
    assert.equal(await count(open().bars(ALL)), MINUTES.length);
  },
);

test(
  "when the worker crashes, all that was asked fails, and another worker answers what comes then",
  async (file, open) => {
    const reader = open({ host: FAULTY });
    const inTheMiddle = reader.bars(ALL)[Symbol.asyncIterator]();
    assert.equal((await inTheMiddle.next()).done, false);
    Deno.writeTextFileSync(`${file}.fault`, "crash");
    const ended = failure("unreachable", /its worker ended/);
    await Promise.all([
      assert.rejects(inTheMiddle.next(), ended),
      ...Array.from({ length: 20 }, () => assert.rejects(count(reader.bars(ALL)), ended)),
    ]);
    assert.equal(await answered(reader), MINUTES.length);
  },
);

test("a reader who was between two pages when the worker crashed does not notice", async (file, open) => {
  const reader = open({ host: FAULTY });
  const pages = reader.bars(ALL)[Symbol.asyncIterator]();
  const first = await pages.next();
  Deno.writeTextFileSync(`${file}.fault`, "crash");
  await assert.rejects(count(reader.bars(ALL)));
  await answered(reader);
  const seen = [...first.value!];
  for (let page = await pages.next(); !page.done; page = await pages.next()) seen.push(...page.value);
  assert.deepEqual(seen, MINUTES);
});

test(
  "what takes longer than it may fails, and a worker that is stuck is given up for another",
  async (file, open) => {
    // Enough to start a worker on a busy machine, and less than the stuck one takes.
    const reader = open({ host: FAULTY, withinMs: 2_500 });
    await answered(reader);
    Deno.writeTextFileSync(`${file}.fault`, "stuck");
    const late = failure("unreachable", /did not answer within 2500 ms|its worker ended/);
    await Promise.all(Array.from({ length: 5 }, () => assert.rejects(count(reader.bars(ALL)), late)));
    assert.equal(await answered(reader), MINUTES.length);
  },
);

test("readers at once share the worker, and above a bound they are turned away", async (_, open) => {
  const reader = open();
  // One is with the worker, 200 wait.
  const asked = Array.from({ length: 250 }, () => count(reader.bars({ ...ALL, to: DAY0 + 10 * MINUTE_MS })));
  const answers = await Promise.allSettled(asked);
  const tooMany = failure("unreachable", /too many questions at once/);
  for (const [n, answer] of answers.entries()) {
    if (n <= 200) assert.deepEqual(answer, { status: "fulfilled", value: 10 });
    else assert.ok(answer.status === "rejected" && tooMany(answer.reason));
  }
  assert.equal(await count(reader.bars(ALL)), MINUTES.length);
});

test("a long question is asked in steps, and lets a short one through between two", async (_, open) => {
  const { host, asked } = counted();
  const reader = open({ host });
  const order: string[] = [];
  const long = count(reader.episodes(NOWHERE)).then((rows) => order.push(`long ${rows}`));
  const short = count(reader.episodes({ mode: "live", limit: 1 })).then((rows) =>
    order.push(`short ${rows}`)
  );
  await Promise.all([long, short]);
  assert.deepEqual(order, ["short 1", "long 0"]);
  assert.equal(asked(), 4 + 1);
}, manyEpisodes);

test(
  "once the reader has left, nothing more is asked for him, also in the middle of a page",
  async (_, open) => {
    const { host, asked } = counted();
    const reader = open({ host });
    const pages = reader.episodes(NOWHERE)[Symbol.asyncIterator]();
    const next = pages.next();
    await pages.return!();
    assert.equal((await next).done, true);
    assert.equal((await pages.next()).done, true);
    assert.equal(asked(), 1);
    for await (const page of reader.episodes({ mode: "live" })) {
      assert.ok(page.length > 0);
      break;
    }
    assert.equal(asked(), 2);
  },
  manyEpisodes,
);

test("episodes that hardly ever fit are all found, wherever a step ends", async (file, open) => {
  const database = new DatabaseSync(file);
  const rare = [0, 1, 9_999, 19_999, 20_000, 20_001, 30_000, 40_000, 49_999, 50_000, MANY - 1];
  for (const n of rare) {
    database.prepare("update episodes set buy_exchange = 'rare' where id = ?").run(`e${n}`);
  }
  // Also where a great many closed in the same moment.
  database.exec(`update episodes set closed_at = ${DAY0} where closed_at < ${DAY0 + 45_000}`);
  database.close();
  const reader = open();
  const query = { mode: "live", exchange: "rare" } as const;
  const found = (await Array.fromAsync(reader.episodes(query))).flat();
  const ids = found.map(({ id }) => id);
  const late = rare.filter((n) => n >= 45_000).reverse().map((n) => `e${n}`);
  const early = rare.filter((n) => n < 45_000).map((n) => `e${n}`).sort().reverse();
  assert.deepEqual(ids, [...late, ...early]);
  assert.deepEqual(
    (await Array.fromAsync(reader.episodes({ ...query, limit: 5 }))).flat(),
    found.slice(0, 5),
  );
  const after = { closedAt: found[3]!.end.time, id: found[3]!.id };
  assert.deepEqual((await Array.fromAsync(reader.episodes({ ...query, after }))).flat(), found.slice(4));
  // One that is asked to go on from a place that is not in the range.
  assert.equal(await count(reader.episodes({ ...query, after, to: DAY0 })), 0);
}, manyEpisodes);

test(
  "a file that another program has for itself is unreachable at once, and read when that is gone",
  async (file, open) => {
    const reader = open();
    const other = new DatabaseSync(file);
    other.exec("pragma locking_mode = exclusive; begin immediate; delete from quotes; commit");
    await assert.rejects(count(reader.bars(ALL)), failure("unreachable", /is locked by another program/));
    other.close();
    assert.equal(await count(reader.bars(ALL)), MINUTES.length);
  },
);

test("whoever closes the file last, nothing is left beside it", async (file, open) => {
  const reader = open();
  const history = new SqliteHistory(file);
  await history.write({ minutes: [minute(seeded(1), { timestamp: DAY0 - MINUTE_MS })], episodes: [] });
  assert.equal(await count(reader.bars(ALL)), MINUTES.length + 1);
  await history.close();
  await reader.close();
  const folder = file.slice(0, file.lastIndexOf("/"));
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["history.db"]);
});

test("a file that is no database is refused", async (file, open) => {
  Deno.writeTextFileSync(file, "These are not the bytes that you are looking for. ".repeat(200));
  await assert.rejects(count(open().bars(ALL)), failure("refused", /is damaged or no SQLite database/));
});

test(
  "closing fails what was asked and what is asked then, also when the worker is stuck",
  async (file, open) => {
    const closed = failure("refused", /is closed/);
    for (const fault of ["", "stuck"]) {
      const reader = open({ host: FAULTY });
      await answered(reader);
      if (fault !== "") Deno.writeTextFileSync(`${file}.fault`, fault);
      const asked = Array.from({ length: 5 }, () => assert.rejects(count(reader.bars(ALL)), closed));
      await Promise.all([reader.close(), ...asked]);
      await reader.close();
      await assert.rejects(count(reader.bars(ALL)), closed);
    }
  },
);
