/** What a log of a pool costs until its quote is published: decoding, state, both ladders, shared memory, row. */
import { type Protocol, v2, v3 } from "../adapters/venues/uniswap/protocols.ts";
import type { Report } from "./harness/report.ts";
import { median } from "./harness/stats.ts";
import { decodeOurs, runOurs } from "./pools/ours.ts";
import { type Scene, v2Scene, v3Scene } from "./pools/scenes.ts";
import { decodeViem } from "./pools/viem.ts";

/** How often faster than viem's our decoding of a log should be. */
const GOAL = 8;

export function poolQuotes(options: { rounds: number; blocks: number; logs: number }): Report {
  const rows: Report["rows"] = [];
  const violations: string[] = [];
  const ratios: number[] = [];
  const measure = <S>(protocol: Protocol<S>, scene: Scene<S>) => {
    // The first round of each warms up.
    const rounds = <T>(run: () => T) => Array.from({ length: options.rounds + 1 }, run).slice(1);
    const quoted = rounds(() => runOurs(protocol, scene, options.blocks));
    const own = rounds(() => decodeOurs(scene, options.logs));
    const theirs = rounds(() => decodeViem(scene, options.logs));
    const { rows: published, blockNumber, steps } = quoted[0]!;
    if (published !== options.blocks || blockNumber !== 100 + options.blocks) {
      violations.push(
        `${scene.name}: ${published} rows for ${options.blocks} blocks, the last of ${blockNumber}`,
      );
    }
    if (own[0]!.sum !== theirs[0]!.sum) {
      violations.push(`${scene.name}: viem reads other numbers in the logs`);
    }
    const micros = median(quoted.map(({ microsPerQuote }) => microsPerQuote));
    const [ours, viem] = [own, theirs].map((all) => median(all.map((one) => one.micros)));
    ratios.push(viem! / ours!);
    rows.push({
      pool: scene.name,
      "log to quote, µs": micros,
      "quotes/s": 1e6 / micros,
      "steps of both ladders": steps,
      "decoding, µs": ours!,
      "viem, µs": viem!,
      "×": viem! / ours!,
    });
  };
  measure(v2, v2Scene());
  measure(v3, v3Scene("v3, one position", 0));
  measure(v3, v3Scene("v3, across ticks", 60));
  return {
    title: "6. From a pool's log to its quote",
    rows,
    goals: [{
      what: "viem's time for a log, by ours, in the worst case",
      value: Math.min(...ratios),
      sense: "above",
      goal: GOAL,
    }],
    violations,
    notes: [
      `Medians of ${options.rounds} rounds over ${
        options.blocks.toLocaleString("en-US")
      } blocks with one log each`,
      "One core; a quote is both ladders of one pool, computed anew and written to shared memory",
    ],
  };
}
