/** The history in a SQLite file: the contract, read on the same thread and through the worker. */
import { DatabaseSync } from "node:sqlite";
import { openHistory, openReading } from "../../adapters/history/open.ts";
import { MIGRATIONS } from "../../adapters/sqlite/migrations.ts";
import type { History } from "../../core/ports/history.ts";
import { contract, type Fresh } from "./contract.ts";

const URL = "sqlite:deep/er/history.db";

// deno-lint-ignore require-await
async function fresh(opened: (dataDir: string) => History): Promise<Fresh> {
  const folder = Deno.makeTempDirSync({ prefix: "history_" });
  const file = `${folder}/deep/er/history.db`;
  const open: History[] = [];
  const other = () => new DatabaseSync(file, { timeout: 10_000 });
  return {
    open() {
      const history = opened(folder);
      open.push(history);
      return history;
    },
    // deno-lint-ignore require-await
    async sql(query) {
      using database = other();
      return database.prepare(query).all();
    },
    // deno-lint-ignore require-await
    async run(statement) {
      using database = other();
      database.exec(statement);
    },
    ms: (column) => column,
    at: (ms) => String(ms),
    migrations: MIGRATIONS,
    async [Symbol.asyncDispose]() {
      for (const history of open) await history.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

/** Written on this thread, read through the worker. */
function readThroughWorker(dataDir: string): History {
  const history = openHistory(URL, { dataDir });
  const reading = openReading(URL, { dataDir });
  return {
    migrate: () => history.migrate(),
    write: (batch) => history.write(batch),
    writeQuotes: (rows) => history.writeQuotes(rows),
    removeOld: (retention, now) => history.removeOld(retention, now),
    bars: (query) => reading.bars(query),
    episodes: (query) => reading.episodes(query),
    async close() {
      await reading.close();
      await history.close();
    },
  };
}

contract("SQLite", () => fresh((dataDir) => openHistory(URL, { dataDir })), false);
contract("SQLite, read by a worker", () => fresh(readThroughWorker), false);
