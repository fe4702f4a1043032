/** The history in a SQLite file: the contract, and what can be wrong with a file. */
import { DatabaseSync } from "node:sqlite";
import { openHistory } from "../../adapters/history/open.ts";
import type { History } from "../../core/ports/history.ts";
import { contract, type Fresh } from "./contract.ts";

// deno-lint-ignore require-await
async function fresh(): Promise<Fresh> {
  const folder = Deno.makeTempDirSync({ prefix: "history_" });
  const file = `${folder}/deep/er/history.db`;
  const open: History[] = [];
  const other = () => new DatabaseSync(file, { timeout: 10_000 });
  return {
    open() {
      const history = openHistory("sqlite:deep/er/history.db", { dataDir: folder });
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
    async [Symbol.asyncDispose]() {
      for (const history of open) await history.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
}

contract("SQLite", fresh, false);
