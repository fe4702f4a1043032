/** Whether what a node gives as the logs of a block can be these. */
import type { ChainLog, Head } from "./chain.ts";

/** By `logIndex`, each once; or why they cannot be the logs of this block. */
export function logsInOrder({ number, hash }: Head, logs: readonly ChainLog[]): ChainLog[] | string {
  const byIndex = new Map(logs.map((log) => [log.logIndex, log]));
  for (const log of logs) {
    if (log.removed || log.blockNumber !== number || (log.blockHash ?? hash) !== hash) {
      return `Logs of another block came as those of ${number}`;
    }
    if (!saysTheSame(log, byIndex.get(log.logIndex)!)) return `Two logs of block ${number} have one place`;
  }
  return [...byIndex.values()].sort((a, b) => a.logIndex - b.logIndex);
}

function saysTheSame(a: ChainLog, b: ChainLog): boolean {
  return a.address === b.address && a.data === b.data && a.topics.join() === b.topics.join();
}
