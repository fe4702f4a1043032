/**
 * What a worker tells of itself without a message: counters in shared memory, one writer (the worker), read by the
 * core whenever somebody asks. The heartbeat moves on frames as well as on a timer, because a flood of frames can
 * starve timers for seconds.
 */

/** State of a feed. A worker with several connections or sources reports that of the one that does best. */
export const FeedState = { connecting: 0, connected: 1, silent: 2, disconnected: 3 } as const;
export type FeedState = typeof FeedState[keyof typeof FeedState];

const WORDS = [
  "heartbeat",
  "feedState",
  "frames",
  "bytes",
  "malformed",
  "gaps",
  "conflated",
  "reconnects",
  "instruments",
  /** ms since the epoch; 0 before the first frame. */
  "lastFrameTime",
] as const;
type Word = typeof WORDS[number];

export function newTelemetry(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS.length * 8);
}

/** Named access to the words: `telemetry.frames++` in the worker, `telemetry.frames` in the core. */
export type Telemetry = { [name in Word]: number };

export function telemetryOn(memory: SharedArrayBuffer): Telemetry {
  const words = new Float64Array(memory);
  const telemetry = {} as Telemetry;
  for (const [at, name] of WORDS.entries()) {
    Object.defineProperty(telemetry, name, {
      enumerable: true,
      get: () => words[at]!,
      set: (value: number) => words[at] = value,
    });
  }
  return telemetry;
}
