/**
 * Writes bursts of ticks when it is told to, through a word in shared memory, so that nothing but the channel can wake
 * the core. Burst `n` has as many ticks as `go` says, numbered on and on in `bid`, over the cells in turn.
 */
import { type ChannelMemory, ChannelWriter } from "../../../core/app/channel.ts";
import { tickOf } from "../scripted_host.ts";

export interface Bursts {
  channel: ChannelMemory;
  /** Word 0: number of the burst that is wanted. Word 1: its ticks; 0 ends the worker. Word 2: bursts written. */
  go: SharedArrayBuffer;
}

const worker = self as unknown as {
  onmessage: ((event: { data: Bursts }) => void) | null;
  close(): void;
};

worker.onmessage = async ({ data: { channel, go } }) => {
  const words = new Int32Array(go);
  const writer = new ChannelWriter(channel);
  let bid = 0;
  // A wait on shared memory alone does not keep the worker alive.
  const alive = setInterval(() => {}, 1000);
  for (let burst = 0;; burst++) {
    const wait = Atomics.waitAsync(words, 0, burst);
    if (wait.async) await wait.value;
    const ticks = Atomics.load(words, 1);
    if (ticks === 0) break;
    for (let tick = 0; tick < ticks; tick++) {
      bid++;
      writer.write(tickOf({ cell: channel.firstCell + bid % channel.cells, bid, ask: 1e9 }));
    }
    Atomics.store(words, 2, burst + 1);
  }
  clearInterval(alive);
  worker.close();
};
