/** A log that keeps its records. */
import type { Log, LogFields, LogLevel } from "../../core/ports/log.ts";

export interface LogRecord {
  level: LogLevel;
  message: string;
  fields: LogFields;
}

export function recordedLog(records: LogRecord[] = [], common: LogFields = {}): Log {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) =>
    void records.push({ level, message, fields: { ...common, ...fields } });
  return {
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    with: (fields) => recordedLog(records, { ...common, ...fields }),
  };
}
