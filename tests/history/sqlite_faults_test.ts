/** What can be wrong with the file of a history in SQLite. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { SqliteHistory } from "../../adapters/sqlite/history.ts";
import { MINUTE_MS } from "../../core/domain/bar.ts";
import { HistoryError } from "../../core/ports/history.ts";
import { seeded } from "../random.ts";
import { DAY0, minute } from "./records.ts";

const one = (n: number) => minute(seeded(n), { timestamp: DAY0 + n * MINUTE_MS });
const batch = (n: number) => ({ minutes: [one(n)], episodes: [] });
const ALL = { mode: "live", symbol: "BTC-USDT", interval: "1m", from: 0, to: DAY0 * 2 } as const;

async function kept(history: SqliteHistory): Promise<number> {
  return (await Array.fromAsync(history.bars(ALL))).flat().length;
}

function failure(kind: HistoryError["kind"], words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HistoryError, `It is ${error}`);
    assert.match(error.message, words);
    assert.equal(error.kind, kind);
    return true;
  };
}

function test(name: string, body: (file: string) => Promise<void>, ignore = false): void {
  Deno.test({
    name: `History in SQLite: ${name}`,
    ignore,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "history_" });
      try {
        await body(`${folder}/history.db`);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

test("what is no database is refused, and taken once it is gone", async (file) => {
  Deno.writeTextFileSync(file, "These are not the bytes that you are looking for. ".repeat(200));
  const history = new SqliteHistory(file);
  const damaged = failure(
    "refused",
    /is damaged or no SQLite database: restore it from a backup, or move it away/,
  );
  await assert.rejects(history.migrate(), damaged);
  await assert.rejects(kept(history), damaged);
  Deno.removeSync(file);
  await history.migrate();
  await history.write(batch(0));
  await history.close();
});

test("a damaged database says so, when reading and when writing", async (file) => {
  const history = new SqliteHistory(file);
  await history.migrate();
  await history.write({ minutes: Array.from({ length: 5_000 }, (_, n) => one(n)), episodes: [] });
  await history.close();
  const bytes = Deno.readFileSync(file);
  Deno.writeFileSync(file, bytes.fill(0xa5, 4096 * 2));
  const again = new SqliteHistory(file);
  const damaged = failure("refused", /is damaged/);
  await assert.rejects(kept(again), damaged);
  await assert.rejects(again.write(batch(0)), damaged);
  await again.close();
});

test("a file that is marked as not to be written is refused, and can be read", async (file) => {
  const history = new SqliteHistory(file);
  await history.migrate();
  await history.write(batch(0));
  await history.close();
  // "File format write version" above 2: read-only, also for root (https://sqlite.org/fileformat.html, 1.3.3).
  const bytes = Deno.readFileSync(file);
  bytes[18] = 3;
  Deno.writeFileSync(file, bytes);
  const readOnly = new SqliteHistory(file);
  await assert.rejects(
    readOnly.write(batch(1)),
    failure("refused", /is read-only: give this program the right/),
  );
  assert.equal(await kept(readOnly), 1);
  await readOnly.close();
});

test("a file and folder without the right to write are refused", async (file) => {
  const history = new SqliteHistory(file);
  await history.migrate();
  await history.write(batch(0));
  await history.close();
  const folder = file.slice(0, file.lastIndexOf("/"));
  Deno.chmodSync(file, 0o444);
  Deno.chmodSync(folder, 0o555);
  try {
    const readOnly = new SqliteHistory(file);
    await assert.rejects(readOnly.write(batch(1)), failure("refused", /give this program the right/));
    await readOnly.close();
  } finally {
    Deno.chmodSync(folder, 0o755);
  }
}, Deno.uid() === 0);

test("a full disk is refused and nothing is half written; with room again it goes on", async (file) => {
  const disk = file.slice(0, file.lastIndexOf("/"));
  await command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk);
  try {
    const history = new SqliteHistory(file);
    await history.migrate();
    await history.write(batch(0));
    Deno.writeFileSync(`${disk}/ballast`, new Uint8Array(300_000));
    const large = { minutes: Array.from({ length: 5_000 }, (_, n) => one(n)), episodes: [] };
    await assert.rejects(
      history.write(large),
      failure("refused", /cannot grow, the disk is full: make room/),
    );
    assert.equal(await kept(history), 1);
    Deno.removeSync(`${disk}/ballast`);
    await history.write(batch(1));
    assert.equal(await kept(history), 2);
    await history.close();
  } finally {
    await command("umount", "-l", disk);
  }
}, !await canMount());

test("another program's lock fails a write as unreachable, and the next one works", async (file) => {
  const history = new SqliteHistory(file);
  await history.migrate();
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  await assert.rejects(history.write(batch(0)), failure("unreachable", /is locked by another program/));
  other.exec("rollback");
  other.close();
  await history.write(batch(0));
  assert.equal(await kept(history), 1);
  await history.close();
});

async function command(program: string, ...args: string[]): Promise<boolean> {
  return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
}

/** A disk of its own is what only root can have, and not everywhere. */
async function canMount(): Promise<boolean> {
  if (Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  const mounted = await command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  if (mounted) await command("umount", folder);
  Deno.removeSync(folder);
  return mounted;
}
