/** Writes prices into slots as fast as it can until it is told to stop; the price is the number of the tick. */
import { type SlotMemory, SlotWriter } from "../../../core/stats/slots.ts";

export interface Prices {
  slots: SlotMemory;
  cell: number;
  ticks: number;
  startTime: number;
  /** Milliseconds between two ticks, in the time that they claim. */
  stepMs: number;
}

const worker = self as unknown as {
  onmessage: ((event: { data: Prices }) => void) | null;
  postMessage(message: "done"): void;
};

worker.onmessage = ({ data: { slots, cell, ticks, startTime, stepMs } }) => {
  const writer = new SlotWriter(slots);
  for (let at = 1; at <= ticks; at++) writer.tick(cell, at, at - 1, at + 1, startTime + at * stepMs);
  worker.postMessage("done");
};
