/** The ways in which the chain can be told to misbehave. */
import type { EmulatedChain } from "./host.ts";

type Outcome = { problem: string } | Record<string, unknown>;

interface ChainFault {
  /** Its parameters in words. */
  takes: string;
  run(order: { chain: EmulatedChain; query: URLSearchParams }): Promise<Outcome>;
}

/** Less than what the node remembers. */
const MOST_DEPTH = 32;

export const CHAIN_FAULTS: Readonly<Record<string, ChainFault>> = {
  silence: {
    takes: "nothing; the node stands still with its connections open until resume",
    run: (order) => silence(order.chain, true),
  },
  resume: {
    takes: "nothing; ends silence",
    run: (order) => silence(order.chain, false),
  },
  reorg: {
    takes:
      `depth=1–${MOST_DEPTH} (default 1); so many of the last blocks are replaced by others with nothing in them`,
    async run({ chain, query }) {
      const depth = Number(query.get("depth") ?? 1);
      if (!(Number.isInteger(depth) && depth >= 1 && depth <= MOST_DEPTH)) {
        return {
          problem: `Parameter depth=${query.get("depth")} is not a whole number from 1 to ${MOST_DEPTH}`,
        };
      }
      if (chain.phase !== "running") return { problem: `The chain is not running: ${chain.phase}` };
      if (chain.blocks < depth) {
        return { problem: `There are only ${chain.blocks} blocks since all was made` };
      }
      try {
        await chain.reorg(depth);
        return { depth };
      } catch (error) {
        return { problem: `It could not be done: ${(error as Error).message}` };
      }
    },
  },
  kill: {
    takes: "nothing; the node ends and its chain is gone",
    async run({ chain }) {
      await chain.stop();
      return {};
    },
  },
  start: {
    takes: "nothing; a new chain on the same port, with the same addresses",
    async run({ chain }) {
      await chain.start();
      return chain.why === undefined ? { port: chain.port } : { problem: chain.why };
    },
  },
};

function silence(chain: EmulatedChain, silent: boolean): Promise<Outcome> {
  if (chain.phase !== "running") {
    return Promise.resolve({ problem: `The chain is not running: ${chain.phase}` });
  }
  chain.silent = silent;
  return Promise.resolve({});
}
