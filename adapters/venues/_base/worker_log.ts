/** The log of a worker: records go to the host as messages, at a bounded rate, because messages queue without bound. */
import type { Log, LogFields, LogLevel } from "../../../core/ports/log.ts";

/** Records that may be sent at once, and how many are added a second. */
const BURST = 50;
const PER_SECOND = 10;

type Send = (level: LogLevel, message: string, fields: LogFields) => void;

/** `now` in ms. What does not get through is counted, and the count goes with the next record that does. */
export function workerLog(send: Send, now: () => number): Log {
  let allowance = BURST;
  let at = now();
  let suppressed = 0;
  const bounded: Send = (level, message, fields) => {
    const time = now();
    allowance = Math.min(BURST, allowance + (time - at) / 1000 * PER_SECOND);
    at = time;
    if (allowance < 1) {
      suppressed++;
      return;
    }
    allowance--;
    send(level, message, suppressed === 0 ? fields : { ...fields, suppressed });
    suppressed = 0;
  };
  return logWith(bounded, {});
}

function logWith(send: Send, common: LogFields): Log {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) =>
    send(level, message, { ...common, ...fields });
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    with: (fields) => logWith(send, { ...common, ...fields }),
  };
}
