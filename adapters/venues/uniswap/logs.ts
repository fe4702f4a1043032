/**
 * What the logs of pools say, decoded by hand: a log is a few words of 32 bytes at fixed places (Solidity's ABI). Only
 * topics and data are looked at, so it does not matter what else a provider leaves out. Lengths and ranges are strict:
 * a log of a known kind that does not fit is told apart from one of no interest, since a state that misses it is wrong.
 */
import type { PoolEvent, V3SwapLog } from "./events.ts";

/** The events' signatures, hashed with keccak-256. */
export const TOPIC = {
  /** `Sync(uint112,uint112)`. */
  v2Sync: "0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1",
  /** `Swap(address,uint256,uint256,uint256,uint256,address)`. */
  v2Swap: "0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822",
  /** `Initialize(uint160,int24)`. */
  v3Initialize: "0x98636036cb66a9c19a37435efc1e90142190214e8abeb821bdba3f2990dd4c95",
  /** `Mint(address,address,int24,int24,uint128,uint256,uint256)`. */
  v3Mint: "0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde",
  /** `Burn(address,int24,int24,uint128,uint256,uint256)`. */
  v3Burn: "0x0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c",
  /** `Swap(address,address,int256,int256,uint160,uint128,int24)`. */
  v3Swap: "0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",
  /** The same with the protocol's fees, two more uint128, at the end. */
  pancakeV3Swap: "0x19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83",
} as const;

/** What is read of a log: hex as nodes write it, lower case. */
export interface RawLog {
  topics: readonly string[];
  data: string;
}

interface Layout {
  topics: number;
  words: number;
  read: (data: string, topics: readonly string[]) => PoolEvent;
}

const v3Swap = (data: string): V3SwapLog => ({
  kind: "v3_swap",
  amount0: BigInt.asIntN(256, wordAt(data, 0)),
  amount1: BigInt.asIntN(256, wordAt(data, 1)),
  sqrtPriceX96: uintAt(data, 2, 160),
  liquidity: uintAt(data, 3, 128),
  tick: tickOf(data, 2 + 4 * 64),
});

const v3Position =
  (kind: "v3_mint" | "v3_burn", word: number) => (data: string, topics: readonly string[]) => ({
    kind,
    tickLower: tickOf(topics[2]!, 2),
    tickUpper: tickOf(topics[3]!, 2),
    liquidity: uintAt(data, word, 128),
  });

const LAYOUTS: ReadonlyMap<string, Layout> = new Map<string, Layout>([
  [TOPIC.v3Swap, { topics: 3, words: 5, read: v3Swap }],
  [TOPIC.pancakeV3Swap, { topics: 3, words: 7, read: v3Swap }],
  [TOPIC.v3Mint, { topics: 4, words: 4, read: v3Position("v3_mint", 1) }],
  [TOPIC.v3Burn, { topics: 4, words: 3, read: v3Position("v3_burn", 0) }],
  [TOPIC.v3Initialize, {
    topics: 1,
    words: 2,
    read: (data) => ({
      kind: "v3_initialize",
      sqrtPriceX96: uintAt(data, 0, 160),
      tick: tickOf(data, 2 + 64),
    }),
  }],
  [TOPIC.v2Sync, {
    topics: 1,
    words: 2,
    read: (data) => ({ kind: "v2_sync", reserve0: uintAt(data, 0, 112), reserve1: uintAt(data, 1, 112) }),
  }],
  [TOPIC.v2Swap, {
    topics: 3,
    words: 4,
    read: (data) => ({
      kind: "v2_swap",
      amount0In: wordAt(data, 0),
      amount1In: wordAt(data, 1),
      amount0Out: wordAt(data, 2),
      amount1Out: wordAt(data, 3),
    }),
  }],
]);

/** Decodes a log. Which pool it is of, and whether it was removed, the caller knows. */
export function poolEventOf({ topics, data }: RawLog): PoolEvent {
  const layout = LAYOUTS.get(topics[0] ?? "");
  if (layout === undefined) return { kind: "other" };
  if (topics.length !== layout.topics || topics.some((topic) => topic.length !== 66)) {
    return malformed(topics, `${topics.length} topics where ${layout.topics} of 32 bytes belong`);
  }
  if (data.length !== 2 + 64 * layout.words) {
    return malformed(topics, `${data.length} characters of data where ${layout.words} words belong`);
  }
  try {
    return layout.read(data, topics);
  } catch (error) {
    // BigInt throws a SyntaxError at what is no hex, the readers below a RangeError.
    if (error instanceof SyntaxError || error instanceof RangeError) return malformed(topics, error.message);
    throw error;
  }
}

function malformed(topics: readonly string[], why: string): PoolEvent {
  return { kind: "malformed", reason: `Log ${topics[0]} cannot be read: ${why}` };
}

function wordAt(data: string, word: number): bigint {
  return BigInt("0x" + data.slice(2 + 64 * word, 66 + 64 * word));
}

function uintAt(data: string, word: number, bits: number): bigint {
  const end = 66 + 64 * word;
  const start = end - bits / 4;
  for (let i = end - 64; i < start; i++) {
    if (data.charCodeAt(i) !== 48) throw new RangeError(`Word ${word} has more than ${bits} bits`);
  }
  return BigInt("0x" + data.slice(start, end));
}

/** An int24 in the word that starts at a place: the sign fills the word. */
function tickOf(hex: string, start: number): number {
  const low = Number("0x" + hex.slice(start + 56, start + 64));
  const tick = low | 0;
  if (Number.isNaN(low) || tick < -(2 ** 23) || tick >= 2 ** 23) {
    throw new RangeError("A tick is no number of 24 bits");
  }
  const sign = tick < 0 ? 102 : 48;
  for (let i = start; i < start + 56; i++) {
    if (hex.charCodeAt(i) !== sign) throw new RangeError("A tick's word is not filled with its sign");
  }
  return tick;
}
