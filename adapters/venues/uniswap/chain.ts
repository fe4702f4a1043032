/** Heads and logs as a node tells them, read leniently: what is missing and not needed is not asked for. */
import { isObject } from "../_base/json.ts";
import { addressOf, bytesOf, hashOf, quantityOf } from "./hex.ts";
import type { BlockRef } from "./pool.ts";

export interface Head extends BlockRef {
  parentHash: string;
}

/** All hex is lower case. */
export interface ChainLog {
  address: string;
  topics: readonly string[];
  data: string;
  blockNumber: number;
  /** null where the provider leaves it out. */
  blockHash: string | null;
  /** Within the block. */
  logIndex: number;
  /** The block of this log is no longer part of the chain. */
  removed: boolean;
}

/** Of `newHeads` or `eth_getBlockByNumber`. Undefined where a field that matters is missing or malformed. */
export function headOf(value: unknown): Head | undefined {
  if (!isObject(value)) return undefined;
  const number = quantityOf(value.number);
  const hash = hashOf(value.hash);
  const parentHash = hashOf(value.parentHash);
  const timestamp = quantityOf(value.timestamp);
  if (number === undefined || hash === undefined || parentHash === undefined || timestamp === undefined) {
    return undefined;
  }
  return { number, hash, parentHash, timestamp };
}

/** Of a subscription or `eth_getLogs`. Undefined where it cannot be attributed to a place in the chain. */
export function logOf(value: unknown): ChainLog | undefined {
  if (!isObject(value) || !Array.isArray(value.topics)) return undefined;
  const address = addressOf(value.address);
  const data = bytesOf(value.data);
  const blockNumber = quantityOf(value.blockNumber);
  const logIndex = quantityOf(value.logIndex);
  const blockHash = value.blockHash === undefined || value.blockHash === null
    ? null
    : hashOf(value.blockHash);
  const topics = value.topics.map(hashOf);
  if (address === undefined || data === undefined || blockHash === undefined) return undefined;
  if (blockNumber === undefined || logIndex === undefined) return undefined;
  if (!topics.every((topic) => topic !== undefined)) return undefined;
  return { address, topics, data, blockNumber, blockHash, logIndex, removed: value.removed === true };
}
