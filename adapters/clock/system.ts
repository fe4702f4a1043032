/** The clock of the machine. */
import { setImmediate } from "node:timers";
import type { Clock } from "../../core/ports/clock.ts";
import { wallTime } from "./wall.ts";

export const systemClock: Clock = {
  now: wallTime,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  turn: (restMs = 0) =>
    new Promise((resolve) => restMs > 0 ? setTimeout(resolve, restMs) : setImmediate(resolve)),
};
