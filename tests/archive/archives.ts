/** Archives of tests, each in a folder of its own, and what their history then holds. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openArchive } from "../../adapters/archive/archive.ts";
import { archiveHost, archiveWorker } from "../../adapters/archive/host.ts";
import type { ArchiveSettings } from "../../adapters/archive/messages.ts";
import { systemClock } from "../../adapters/clock/system.ts";
import { openHistory } from "../../adapters/history/open.ts";
import type { Bar } from "../../core/domain/bar.ts";
import type { Episode } from "../../core/domain/episode.ts";
import type { Archive } from "../../core/ports/archive.ts";
import { type LogRecord, recordedLog } from "../core/recorded_log.ts";
import { until } from "../core/until.ts";
import { LONG_AGO } from "./records.ts";

export const DAY_MS = 86_400_000;
/** For a stop that has something to do and nothing in its way: it takes no longer than that needs. */
export const STOP_MS = 60_000;
/** Longer than the time since the records of the tests. */
const LONG_MS = 3_650 * DAY_MS;

export function settingsFor(dataDir: string, url = "sqlite:history.sqlite"): ArchiveSettings {
  const retention = { minutes: LONG_MS, quotes: LONG_MS, episodes: LONG_MS };
  return { dataDir, history: { url, retention, maxRecords: 1_000_000 } };
}

export interface Opened {
  archive: Archive;
  recovered: Bar[];
  logs: LogRecord[];
  settings: ArchiveSettings;
}

export interface OpenOptions {
  /** With the worker that does what the file `fault` says. */
  faulty?: boolean;
  maxPending?: number;
}

const FAULTY = archiveHost(new URL("./faulty_worker.ts", import.meta.url));

export async function open(settings: ArchiveSettings, options: OpenOptions = {}): Promise<Opened> {
  const logs: LogRecord[] = [];
  const { archive, recovered } = await openArchive(settings, {
    clock: systemClock,
    log: recordedLog(logs),
    random: Math.random,
    host: options.faulty ? FAULTY : archiveWorker,
    ...(options.maxPending === undefined ? {} : { maxPending: options.maxPending }),
  });
  return { archive, recovered, logs, settings };
}

export async function inFolder(test: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "archive-" });
  try {
    await test(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true }).catch(() => {});
  }
}

export const durable = ({ archive }: Opened) =>
  until("everything is durable", () => archive.status().outbox.pending === 0);

/** Nothing waits any more, neither here nor in the outbox. */
export function drained({ archive }: Opened, timeoutMs?: number): Promise<void> {
  return until("everything is in the history", () => {
    const { pending, records } = archive.status().outbox;
    return pending === 0 && records === 0;
  }, timeoutMs);
}

/** All that the history has of the records of the tests, read through the port. */
export async function kept({ dataDir, history }: ArchiveSettings, symbols: readonly string[]) {
  const reader = openHistory(history.url, { dataDir });
  try {
    await reader.migrate();
    const bars: Bar[] = [];
    const range = { from: LONG_AGO - DAY_MS, to: Date.now() + DAY_MS };
    for (const symbol of symbols) {
      for await (const page of reader.bars({ mode: "live", symbol, interval: "1m", ...range })) {
        bars.push(...page);
      }
    }
    const episodes: Episode[] = [];
    for await (const page of reader.episodes({ mode: "live" })) episodes.push(...page);
    return { bars, episodes };
  } finally {
    await reader.close();
  }
}

/** The sequence of a column, by a statement of SQL on an embedded history. */
export function sql(file: string, statement: string): Record<string, unknown>[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(statement).all() as Record<string, unknown>[];
  } finally {
    db.close();
  }
}

export function logged({ logs }: Opened, words: RegExp): LogRecord[] {
  return logs.filter(({ message, fields }) => words.test(`${message} ${JSON.stringify(fields)}`));
}

export function assertOnce(opened: Opened, words: RegExp): void {
  assert.equal(logged(opened, words).length, 1, `${words} in ${JSON.stringify(opened.logs)}`);
}
