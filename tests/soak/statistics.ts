/**
 * Statistics against SQL over the raw ticks for longer than the longest period that is answered from memory; by hand:
 *
 *     deno run --allow-all tests/soak/statistics.ts [--minutes 12] [--steps 200] [--history postgres|sqlite]
 *
 * `steps` are those of the synthetic market a second; at 200 it makes about 1,500 ticks a second.
 */
import { parseArgs } from "node:util";
import { PostgresServer } from "../program/storage/services.ts";
import { Sql } from "../program/storage/sql.ts";
import { statistics } from "../program/storage/statistics.ts";
import { told } from "./told.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  args: Deno.args,
  options: {
    minutes: { ...text, default: "12" },
    steps: { ...text, default: "200" },
    history: { ...text, default: "postgres" },
  },
});
const options = { minutes: Number(values.minutes), stepsPerSecond: Number(values.steps), say: told };

if (values.history === "sqlite") {
  const open = (dataDir: string) => Sql.sqlite(`${dataDir}/history.sqlite`);
  await statistics({ ...options, url: "sqlite:history.sqlite", open });
} else {
  await using server = await PostgresServer.start();
  await statistics({ ...options, url: server.url, open: () => server.sql() });
}
told("passed");
