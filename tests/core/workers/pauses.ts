/** Blocks its thread for four seconds, and comes back. */
import { runFeed } from "./_feed.ts";

runFeed((beat) => {
  if (beat === 20) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4_000);
});
