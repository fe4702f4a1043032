/** How many frames a second one Bybit worker brings from its socket into the quote table. */
import { Child } from "./harness/child.ts";
import { progress, type Report } from "./harness/report.ts";
import { median } from "./harness/stats.ts";
import type { Measured } from "./socket/contestant.ts";

const CONTESTANTS = {
  bare: "bare loop: receive, JSON.parse",
  marketflow: "MarketFlow: worker, channel, table",
  ccxt: "ccxt: watchBidsAsks",
} as const;
type Contestant = keyof typeof CONTESTANTS;
const NAMES = Object.keys(CONTESTANTS) as Contestant[];

interface Options {
  rounds: number;
  warmUpMs: number;
  countMs: number;
}

export async function socketToTable(options: Options): Promise<Report> {
  await using source = new Child(new URL("./socket/source.ts", import.meta.url));
  const { port } = await source.next<{ port: number }>();
  const results: Record<Contestant, Measured[]> = { bare: [], marketflow: [], ccxt: [] };
  const violations: string[] = [];
  for (let round = 0; round < options.rounds; round++) {
    progress(`Round ${round + 1} of ${options.rounds}`);
    // Whoever comes first in a round comes last in the next: neighbours on this machine are noisy.
    for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
      const result = await run(name, port, options);
      results[name].push(result);
      violations.push(...result.violations.map((one) => `${CONTESTANTS[name]}: ${one}`));
    }
  }
  return report(results, violations);
}

async function run(name: Contestant, port: number, { warmUpMs, countMs }: Options) {
  const script = new URL(`./socket/${name}.ts`, import.meta.url);
  await using child = new Child(script, [port, warmUpMs, countMs].map(String));
  return await child.next<Measured & { violations: string[] }>();
}

function report(results: Record<Contestant, Measured[]>, violations: string[]): Report {
  const rate = (name: Contestant) => median(results[name].map(({ frames, seconds }) => frames / seconds));
  const rows = NAMES.map((name) => ({
    contestant: CONTESTANTS[name],
    "frames/s": rate(name),
    "MarketFlow ×": rate("marketflow") / rate(name),
    "µs CPU/frame": median(results[name].map(({ cpuMicros, frames }) => cpuMicros / frames)),
    "RSS MB": median(results[name].map(({ rssBytes }) => rssBytes / 2 ** 20)),
  }));
  return {
    title: "1. One Bybit worker, from socket to table",
    rows,
    goals: [
      { what: "of the bare loop's rate", value: ratio("bare"), sense: "above", goal: 0.7 },
      { what: "times ccxt's rate", value: ratio("ccxt"), sense: "above", goal: 6 },
    ],
    violations,
    notes: [`Medians of ${results.bare.length} alternating rounds, each contestant in a process of its own`],
  };

  function ratio(name: Contestant): number {
    return rate("marketflow") / rate(name);
  }
}
