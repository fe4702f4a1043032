/** A PostgreSQL for tests: databases of its own in a server that runs, by default the local one. */
import postgres from "postgres";
import { openHistory } from "../../adapters/history/open.ts";
import { MIGRATIONS } from "../../adapters/postgres/migrations.ts";
import type { History } from "../../core/ports/history.ts";
import type { Fresh } from "./contract.ts";

/** An address of a server, with a user that may create databases. */
export const SERVER = Deno.env.get("TEST_POSTGRES_URL") ?? "postgres://root@127.0.0.1:5432/postgres";

export function clientOf(url: string): postgres.Sql {
  return postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10 });
}

/** Whether tests that need the server are to be passed over. Under CI they are not: they fail where it is missing. */
export async function serverIsMissing(): Promise<boolean> {
  const sql = clientOf(SERVER);
  try {
    await sql`select 1`;
    return false;
  } catch (error) {
    console.log(`No PostgreSQL at ${SERVER} (${(error as Error).message}): its tests are ignored`);
    return Deno.env.get("CI") !== "true";
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** A new, empty database in `server`; its address is the server's with another name. */
export async function newDatabase(server = SERVER): Promise<{ url: string } & AsyncDisposable> {
  const name = `history_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await once(server, `create database ${name}`);
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await once(server, `drop database ${name} with (force)`);
    },
  };
}

export async function once(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const sql = clientOf(url);
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** `through`: the address that the history is opened with, given that of the database. */
export async function freshPostgres(server = SERVER, through = (url: string) => url): Promise<Fresh> {
  const database = await newDatabase(server);
  const open: History[] = [];
  return {
    open() {
      const history = openHistory(through(database.url), { dataDir: "." });
      open.push(history);
      return history;
    },
    sql: (query) => once(database.url, query),
    async run(statement) {
      await once(database.url, statement);
    },
    migrations: MIGRATIONS,
    at: (ms) => `to_timestamp(${ms} / 1000::float8)`,
    ms: (column) => `(extract(epoch from ${column}) * 1000)::float8`,
    async [Symbol.asyncDispose]() {
      for (const history of open) await history.close();
      await database[Symbol.asyncDispose]();
    },
  };
}
