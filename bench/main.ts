/** `deno task bench`: everything that is claimed about speed, measured against something in the same run. */
import { parseArgs } from "node:util";
import { coreTick } from "./core_tick.ts";
import { met, print, progress, type Report } from "./harness/report.ts";
import { poolQuotes } from "./pools.ts";
import { socketToTable } from "./socket_to_table.ts";
import { cacheWrites } from "./storage/cache.ts";
import { historyRows } from "./storage/history.ts";
import { wholeProgram } from "./whole_program.ts";

const HELP = `Benchmarks of MarketFlow, as ratios where something comparable exists.

  --quick            a few seconds each: to see that all of it runs, not to quote
  --only NAME,…      socket, core, pools, program, cache (needs redis-server), history (needs PostgreSQL and psql)
  --seconds N        of load at 10,000 and 50,000 frames a second (default 60)
  --json             the results as JSON on stdout instead of tables
  --help

A missed goal is printed and is no failure: on a shared machine the neighbours decide. Wrong results are:
frames that nobody counted, quotes or opportunities that differ from what was sent. The exit code is 1 then.`;

/** By name; each is told to be quick or thorough. */
const BENCHMARKS: Record<string, (quick: boolean, seconds: number) => Promise<Report> | Report> = {
  socket: (quick) =>
    socketToTable(
      quick ? { rounds: 1, warmUpMs: 1000, countMs: 1000 } : { rounds: 5, warmUpMs: 2000, countMs: 3000 },
    ),
  core: (quick) => coreTick(quick ? { rounds: 1, ticks: 100_000 } : { rounds: 5, ticks: 500_000 }),
  pools: (quick) =>
    poolQuotes(
      quick ? { rounds: 1, blocks: 500, logs: 10_000 } : { rounds: 5, blocks: 3_000, logs: 100_000 },
    ),
  program: (quick, seconds) =>
    wholeProgram({ seconds: [Math.min(20, seconds), seconds, seconds], warmUpSeconds: quick ? 3 : 10 }),
  cache: (quick) => cacheWrites(quick ? { rounds: 1, roundMs: 1000 } : { rounds: 5, roundMs: 4000 }),
  history: (quick) =>
    historyRows(
      quick
        ? { rounds: 1, quotes: 50_000, minutes: 10_000 }
        : { rounds: 5, quotes: 200_000, minutes: 60_000 },
    ),
};

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: Object.keys(BENCHMARKS).join(",") },
    seconds: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
Deno.exit(values.help ? help() : await run());

function help(): number {
  console.log(HELP);
  return 0;
}

/** Returns the exit code. */
async function run(): Promise<number> {
  const seconds = Number(values.seconds ?? (values.quick ? 5 : 60));
  const names = values.only.split(",");
  const unknown = names.filter((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown.length > 0 || !(seconds >= 1)) {
    console.error(
      unknown.length > 0 ? `No benchmark is called ${unknown.join(", ")}` : "--seconds is not 1 or more",
    );
    return 2;
  }
  const reports: Report[] = [];
  for (const name of names) {
    progress(`Benchmark ${name}`);
    const report = await BENCHMARKS[name]!(values.quick, seconds);
    reports.push(report);
    if (!values.json) print(report);
  }
  const machine = { cores: navigator.hardwareConcurrency, os: Deno.build.os, deno: Deno.version.deno };
  const results = reports.map((one) => ({
    ...one,
    goals: one.goals.map((goal) => ({ ...goal, met: met(goal) })),
  }));
  if (values.json) console.log(JSON.stringify({ machine, quick: values.quick, reports: results }, null, 2));
  else {console.log(
      `\n${machine.cores} cores, ${machine.os}, Deno ${machine.deno}${values.quick ? ", quick run" : ""}`,
    );}
  return reports.some(({ violations }) => violations.length > 0) ? 1 : 0;
}
