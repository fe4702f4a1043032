/** What takes minutes of the clock goes on side by side: each is a program of its own with databases of its own. */
import { VENUES } from "../exchanges.ts";
import { present as redisIsPresent } from "../../cache/redis_server.ts";
import { kills } from "./kills.ts";
import { outage } from "./outage.ts";
import { PostgresServer, WITHOUT_POSTGRES } from "./services.ts";
import { Sql } from "./sql.ts";
import { conflated, statistics } from "./statistics.ts";

const WITHOUT_REDIS = redisIsPresent ? "" : " (skipped: Redis is not installed)";
const say = Deno.env.get("SAY") === undefined ? {} : { say: (what: string) => console.log(what) };
const sqlite = {
  url: "sqlite:history.sqlite",
  open: (dataDir: string) => Sql.sqlite(`${dataDir}/history.sqlite`),
};

async function withPostgres(run: (of: { url: string; open: () => Sql }) => Promise<void>): Promise<void> {
  await using server = await PostgresServer.start();
  await run({ url: server.url, open: () => server.sql() });
}

Deno.test("what the program keeps", async (t) => {
  const steps: Promise<boolean>[] = [];
  const step = (name: string, fn: () => Promise<void>, without = "") => {
    const side = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    steps.push(t.step({ name: name + without, ignore: without !== "", fn, ...side }));
  };
  step(
    "statistics and minutes in SQLite are what SQL makes of the raw ticks",
    () => statistics({ ...sqlite, minutes: 1, ...say }),
  );
  step(
    "statistics and minutes in PostgreSQL are what SQL makes of the raw ticks",
    () => withPostgres((postgres) => statistics({ ...postgres, minutes: 1, ...say })),
    WITHOUT_POSTGRES,
  );
  step("minutes have every tick of a channel that conflates", () => conflated(sqlite));
  step(
    "nothing is lost and no read fails while PostgreSQL and Redis come and go",
    () =>
      outage({
        seed: 3,
        postgresGoneMs: 0,
        postgresKills: 6,
        redisGoneMs: 3_000,
        redisFrozenMs: 3_000,
        config: {},
        exchanges: VENUES,
        symbols: ["BTC-USDT", "ETH-USDT", "SOL-USDT", "XRP-USDT", "DOGE-USDT"],
        prefix: "test:",
        ...say,
      }),
    WITHOUT_POSTGRES || WITHOUT_REDIS,
  );
  const killed = { kills: 8, runMs: { least: 200, most: 15_000 }, config: {}, ...say };
  step(
    "what was acknowledged is in SQLite once, however often the program is killed",
    () => kills({ ...killed, seed: 11, open: sqlite.open }),
  );
  step(
    "what was acknowledged is in PostgreSQL once, however often the program is killed",
    () => withPostgres(({ url, open }) => kills({ ...killed, seed: 12, config: { history: { url } }, open })),
    WITHOUT_POSTGRES,
  );
  await Promise.all(steps);
});
