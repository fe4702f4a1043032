/** Blocks its thread for far longer than the tests let it be silent, and comes back. */
import { runFeed } from "./_feed.ts";

runFeed((beat) => {
  if (beat === 20) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8_000);
});
