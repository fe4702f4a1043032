/** What every contestant does: warm up, count frames for a while, tell the result. */
import process from "node:process";
import { tell } from "../harness/child.ts";

export interface Measured {
  frames: number;
  seconds: number;
  /** Processor time of all threads of the process, in µs. */
  cpuMicros: number;
  rssBytes: number;
}

/** The address of the source and how long to warm up and to count, from the command line. */
export function task(): { port: number; warmUpMs: number; countMs: number } {
  const [port, warmUpMs, countMs] = Deno.args.map(Number);
  return { port: port!, warmUpMs: warmUpMs!, countMs: countMs! };
}

/** Measures as soon as the first frame has come. The clock is read with the counters: a timer may be late. */
export async function measure(frames: () => number): Promise<Measured> {
  const { warmUpMs, countMs } = task();
  while (frames() === 0) await sleep(10);
  await sleep(warmUpMs);
  const before = reading(frames);
  await sleep(countMs);
  const after = reading(frames);
  return {
    frames: after.frames - before.frames,
    seconds: (after.time - before.time) / 1000,
    cpuMicros: after.cpu - before.cpu,
    rssBytes: Deno.memoryUsage().rss,
  };
}

function reading(frames: () => number): { frames: number; time: number; cpu: number } {
  const { user, system } = process.cpuUsage();
  return { frames: frames(), time: performance.now(), cpu: user + system };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Tells the result and ends the process. */
export function finish(measured: Measured, violations: readonly string[] = []): never {
  tell({ ...measured, violations });
  Deno.exit(0);
}
