/**
 * The program killed with SIGKILL at random moments, each time started again on the same folder and database; by hand:
 *
 *     deno run --allow-all tests/soak/kills.ts [--kills 50] [--least 2] [--most 60] [--seed 1] [--history postgres|sqlite]
 *
 * A run lasts between `least` and `most` seconds.
 */
import { parseArgs } from "node:util";
import { kills } from "../program/storage/kills.ts";
import { PostgresServer } from "../program/storage/services.ts";
import { Sql } from "../program/storage/sql.ts";
import { told } from "./told.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  args: Deno.args,
  options: {
    kills: { ...text, default: "50" },
    least: { ...text, default: "2" },
    most: { ...text, default: "60" },
    seed: { ...text, default: "1" },
    history: { ...text, default: "postgres" },
  },
});
const options = {
  seed: Number(values.seed),
  kills: Number(values.kills),
  runMs: { least: Number(values.least) * 1_000, most: Number(values.most) * 1_000 },
  say: told,
};

if (values.history === "sqlite") {
  await kills({ ...options, config: {}, open: (dataDir) => Sql.sqlite(`${dataDir}/history.sqlite`) });
} else {
  await using server = await PostgresServer.start();
  await kills({ ...options, config: { history: { url: server.url } }, open: () => server.sql() });
}
told("passed");
