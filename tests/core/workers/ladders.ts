/** Publishes the pool of one cell without a pause until it is told to stop; all numbers follow from the block, which comes round again. */
import { type LadderMemory, LadderWriter } from "../../../core/app/ladders.ts";
import { BLOCKS, poolAt } from "../pools.ts";

export interface Ladders {
  ladders: LadderMemory;
  cell: number;
  /** Word 0: how often it published. Word 1: 1 ends the writing. */
  words: SharedArrayBuffer;
}

const worker = self as unknown as {
  onmessage: ((event: { data: Ladders }) => void) | null;
  /** The last block. */
  postMessage(block: number): void;
};

worker.onmessage = ({ data: { ladders, cell, words } }) => {
  const writer = new LadderWriter(ladders);
  const shared = new Int32Array(words);
  // Made before, so that one publication follows the other as quickly as it can.
  const pools = Array.from({ length: BLOCKS }, (_, block) => poolAt(block));
  let published = 0;
  while (Atomics.load(shared, 1) === 0) {
    writer.publish(cell, pools[++published % BLOCKS]!);
    Atomics.store(shared, 0, published);
  }
  worker.postMessage(published % BLOCKS);
};
