/** Rows a second into the history, against `psql \copy` of the same rows into the same table in the same run. */
import { Buffer } from "node:buffer";
import postgres from "postgres";
import { openHistory } from "../../adapters/history/open.ts";
import { BAR_COLUMNS, barValues, type Value } from "../../adapters/history/columns.ts";
import { parseAddress } from "../../adapters/postgres/address.ts";
import { Connections } from "../../adapters/postgres/connections.ts";
import { CopyRows } from "../../adapters/postgres/copy_rows.ts";
import { Row } from "../../core/app/channel.ts";
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import type { History, QuoteRows } from "../../core/ports/history.ts";
import { newDatabase, once } from "../../tests/history/postgres.ts";
import { DAY0, minute, quotes } from "../../tests/history/records.ts";
import { seeded } from "../../tests/random.ts";
import { progress, type Report } from "../harness/report.ts";
import { median } from "../harness/stats.ts";
import { psqlBars } from "./psql_bars.ts";
import { psqlIsThere, psqlMs } from "./psql.ts";
import {
  copyAsText,
  copyText,
  copyWithItsSocket,
  multiRow,
  QUOTES,
  type Table,
  unnest,
  valuesOf,
} from "./ways.ts";

const GOAL = 0.4;
const UPSERT_BY_PSQL = "psql: \\copy, upsert, hours, days";
const UPSERT = "MarketFlow: upsert, hours, days";
const EXCHANGES = ["kraken", "bybit", "okx", "gateio"];
const SYMBOLS = Array.from({ length: 250 }, (_, n) => `SYM${n}-USDT`);
const BATCH = 1_000;
/** What the program writes at once where there is much. */
const LARGE_BATCH = 5_000;

const MINUTES: Table = {
  name: "minutes",
  columns: Object.keys(BAR_COLUMNS),
  types: Object.values(BAR_COLUMNS).map((kind) =>
    ({ text: "text", time: "timestamptz", number: "float8", flag: "bool" })[kind]
  ),
};

interface Contestant {
  name: string;
  kind: "quotes" | "minutes";
  batch: number;
  /** Writes everything, in batches, over one connection. */
  write(): Promise<void>;
  /** Measured by itself, where its start does not count. */
  ms?(): Promise<number>;
}

export async function historyRows(
  options: { rounds: number; quotes: number; minutes: number },
): Promise<Report> {
  if (!await psqlIsThere()) {
    throw new Error("psql is not installed, and it is what the history is measured against");
  }
  await using database = await newDatabase();
  const folder = Deno.makeTempDirSync({ prefix: "bench_history_" });
  const open = [
    openHistory(database.url, { dataDir: "." }),
    openHistory("sqlite:history.db", { dataDir: folder }),
  ];
  const [inPostgres, inSqlite] = open as [History, History];
  const connections = new Connections(parseAddress(database.url), 60_000);
  const itsSocket = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    for (const history of open) await history.migrate();
    const ticks = quotes(seeded(1), options.quotes, { from: DAY0, exchanges: EXCHANGES, symbols: SYMBOLS });
    await inPostgres.writeQuotes({ ...ticks, rows: ticks.rows.subarray(0, Row.WORDS) });
    const minutes = minutesOf(options.minutes);
    Deno.writeFileSync(`${folder}/quotes`, copyText(valuesOf(ticks)));
    Deno.writeFileSync(`${folder}/minutes`, copyText(minutes.map(plainValues)));
    const batchFiles = [...slices(minutes, LARGE_BATCH)].map((part, n) => {
      const file = `${folder}/minutes.${n}`;
      Deno.writeFileSync(file, copyText(part.map(plainValues)));
      return file;
    });
    Deno.writeFileSync(`${folder}/quotes.binary`, Buffer.concat([...copied(ticks)]));
    const psql = ({ name, columns }: Table, format: "text" | "binary" = "text"): Contestant => ({
      name: `psql \\copy, ${format}`,
      kind: name as "quotes" | "minutes",
      batch: NaN,
      write: () => Promise.resolve(),
      ms: async () =>
        (await psqlMs(database.url, [`\\copy ${name} (${columns}) from '${folder}/${name}'`]))[0]!,
    });
    const insert = (name: string, way: typeof unnest, table: Table): Contestant => ({
      name,
      kind: table.name as "quotes" | "minutes",
      batch: BATCH,
      write: async () => {
        if (table === QUOTES) {
          for (const batch of ticksIn(ticks, BATCH)) await way(connections, table, valuesOf(batch));
        } else {
          for (const batch of slices(minutes, BATCH)) await way(connections, table, batch.map(plainValues));
        }
      },
    });
    const history = (name: string, of: History, batch: number): Contestant => ({
      name,
      kind: "quotes",
      batch,
      write: async () => {
        for (const rows of ticksIn(ticks, batch)) await of.writeQuotes(rows);
      },
    });
    const bars = (name: string, of: History, batch: number): Contestant => ({
      name,
      kind: "minutes",
      batch,
      write: async () => {
        for (const part of slices(minutes, batch)) await of.write({ minutes: part, episodes: [] });
      },
    });
    const contestants = [
      psql(QUOTES),
      psql(QUOTES, "binary"),
      history("MarketFlow: binary COPY", inPostgres, LARGE_BATCH),
      history("MarketFlow: binary COPY", inPostgres, BATCH),
      {
        ...history("binary COPY with Nagle's algorithm", inPostgres, BATCH),
        write: async () => {
          const some = { ...ticks, rows: ticks.rows.subarray(0, ticks.rows.length / 10) };
          for (const rows of ticksIn(some, BATCH)) await copyWithItsSocket(itsSocket, QUOTES, rows);
        },
        part: 0.1,
      },
      insert("text COPY", copyAsText, QUOTES),
      insert("unnest", unnest, QUOTES),
      insert("rows of values", multiRow, QUOTES),
      history("MarketFlow: SQLite", inSqlite, BATCH),
      psql(MINUTES),
      {
        name: UPSERT_BY_PSQL,
        kind: "minutes",
        batch: LARGE_BATCH,
        write: () => Promise.resolve(),
        ms: () => psqlBars(database.url, batchFiles),
      },
      insert("text COPY, no upsert", copyAsText, MINUTES),
      insert("unnest, no upsert", unnest, MINUTES),
      insert("rows of values, no upsert", multiRow, MINUTES),
      bars(UPSERT, inPostgres, LARGE_BATCH),
      bars(UPSERT, inPostgres, BATCH),
      bars("MarketFlow: SQLite, the same", inSqlite, LARGE_BATCH),
    ] as (Contestant & { part?: number })[];
    const rates = new Map(contestants.map((one) => [one, [] as number[]]));
    const violations: string[] = [];
    for (let round = 0; round < options.rounds; round++) {
      progress(`History, round ${round + 1} of ${options.rounds}`);
      for (const one of contestants) {
        await once(database.url, `truncate ${one.kind === "quotes" ? "quotes" : "minutes, hours, days"}`);
        const before = performance.now();
        const ownMs = await one.ms?.();
        if (ownMs === undefined) await one.write();
        const ms = ownMs ?? performance.now() - before;
        const rows = Math.floor((one.kind === "quotes" ? options.quotes : minutes.length) * (one.part ?? 1));
        rates.get(one)!.push(rows / ms * 1000);
        if (one.name.includes("SQLite")) continue;
        const [found] = await once(database.url, `select count(*)::int as rows from ${one.kind}`);
        if (found!.rows !== rows) {
          violations.push(`${one.name} wrote ${found!.rows} of ${rows} rows of ${one.kind}`);
        }
      }
    }
    const rate = (one: Contestant) => median(rates.get(one)!);
    const limits = {
      quotes: rate(contestants[0]!),
      minutes: rate(contestants.find((one) => one.kind === "minutes")!),
    };
    const ours = contestants.filter((one) => one.name === "MarketFlow: binary COPY");
    const upserted = (name: string) =>
      rate(contestants.find((one) => one.name === name && one.batch === LARGE_BATCH)!);
    return {
      title: "4. Rows into the history, one connection",
      rows: contestants.map((one) => ({
        what: one.kind,
        way: one.name,
        batch: Number.isNaN(one.batch) ? "all" : String(one.batch),
        "rows/s": rate(one),
        "of \\copy": rate(one) / limits[one.kind],
      })),
      goals: [
        ...ours.map((one) => ({
          what: `raw quotes in batches of ${one.batch}, of psql \\copy`,
          value: rate(one) / limits.quotes,
          sense: "above" as const,
          goal: GOAL,
        })),
        {
          what: `minutes with their hours and days, of psql that does the same in the same batches`,
          value: upserted(UPSERT) / upserted(UPSERT_BY_PSQL),
          sense: "above" as const,
          goal: GOAL,
        },
      ],
      violations,
      notes: [
        `Medians of ${options.rounds} rounds: ${options.quotes} quotes, ${minutes.length} minutes of ` +
        `${EXCHANGES.length * SYMBOLS.length} pairs, which is an hour as it fills up`,
        "Every batch is a transaction that the server has on disk, \\copy is one for all rows",
        "MarketFlow's minutes are upserts, and hours and days are computed anew from them in the same transaction",
        "What that costs the server is the line of psql that does the same by COPY into a temporary table",
      ],
    };
  } finally {
    await connections.close();
    await itsSocket.end({ timeout: 1 });
    for (const history of open) await history.close();
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A chunk is overwritten by the next one, so each is copied. */
function* copied(ticks: QuoteRows): Generator<Uint8Array> {
  for (const chunk of new CopyRows().chunks(ticks)) yield chunk.slice();
}

function minutesOf(count: number): Bar[] {
  const random = seeded(2);
  const pairs = EXCHANGES.flatMap((exchange) => SYMBOLS.map((symbol) => ({ exchange, symbol })));
  return Array.from({ length: count }, (_, n) => {
    const timestamp = DAY0 + Math.floor(n / pairs.length) * MINUTE_MS;
    return minute(random, { ...pairs[n % pairs.length]!, timestamp });
  });
}

/** As PostgreSQL reads them from text. */
function plainValues(bar: Bar): Value[] {
  const kinds = Object.values(BAR_COLUMNS);
  return barValues(bar).map((value, n) => {
    if (kinds[n] === "time") return new Date(value as number).toISOString();
    return kinds[n] === "flag" ? String(value === 1) : value;
  });
}

function* slices<T>(all: readonly T[], length: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += length) yield all.slice(at, at + length);
}

function* ticksIn(ticks: QuoteRows, count: number): Generator<QuoteRows> {
  const words = count * Row.WORDS;
  for (let at = 0; at < ticks.rows.length; at += words) {
    yield { ...ticks, rows: ticks.rows.subarray(at, at + words) };
  }
}
