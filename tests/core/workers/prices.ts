/** Writes prices into slots without a pause until it is told to stop; the price is the number of the tick. */
import { type SlotMemory, SlotWriter } from "../../../core/stats/slots.ts";

export interface Prices {
  slots: SlotMemory;
  cell: number;
  startTime: number;
  /** Milliseconds between two ticks, in the time that they claim. */
  stepMs: number;
  /** Word 0: ticks written, in thousands. Word 1: 1 ends the writing. */
  words: SharedArrayBuffer;
}

const worker = self as unknown as {
  onmessage: ((event: { data: Prices }) => void) | null;
  /** How many ticks there were. */
  postMessage(ticks: number): void;
};

worker.onmessage = ({ data: { slots, cell, startTime, stepMs, words } }) => {
  const writer = new SlotWriter(slots);
  const shared = new Int32Array(words);
  let ticks = 0;
  while (Atomics.load(shared, 1) === 0) {
    for (let at = 0; at < 1000; at++) {
      ticks++;
      writer.tick(cell, ticks, ticks - 1, ticks + 1, startTime + ticks * stepMs);
    }
    Atomics.add(shared, 0, 1);
  }
  worker.postMessage(ticks);
};
