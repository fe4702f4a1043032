export type LogLevel = "debug" | "info" | "warning" | "error";
export type LogFields = Record<string, unknown>;

/** A structured log. Messages are plain sentences, everything variable is a field. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warning(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log that adds these fields to every record. */
  with(fields: LogFields): Log;
}
