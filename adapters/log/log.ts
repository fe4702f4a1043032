/** The log port on LogTape: readable on a terminal, one JSON object a line otherwise. */
import { inspect } from "node:util";
import {
  configure,
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getLogger,
  type Logger,
  type LogRecord,
} from "@logtape/logtape";
import type { Log, LogFields, LogLevel } from "../../core/ports/log.ts";
import { exportsTelemetry, writeToConsole } from "./telemetry.ts";

/**
 * Sets up logging of this process, and returns its log. It goes to standard output unless told otherwise, or to the
 * console where Deno exports that.
 */
export async function openLog(
  level: LogLevel,
  terminal: boolean,
  write: (line: Uint8Array, level: LogRecord["level"]) => void = exportsTelemetry()
    ? writeToConsole
    : toStandardOutput,
): Promise<Log> {
  const format = terminal ? terminalFormatter() : getJsonLinesFormatter({ properties: "flatten" });
  const encoder = new TextEncoder();
  await configure({
    reset: true,
    sinks: { out: (record) => write(encoder.encode(format(record)), record.level) },
    loggers: [
      { category: ["marketflow"], lowestLevel: level, sinks: ["out"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["out"] },
    ],
  });
  return logOn(getLogger(["marketflow"]));
}

function terminalFormatter(): (record: LogRecord) => string {
  return getAnsiColorFormatter({
    timestamp: "time",
    level: "ABBR",
    category: () => "",
    format: ({ timestamp, level, message, record }) =>
      `${timestamp} ${level} ${message}${tail(record.properties)}`,
  });
}

/** ` venue=kraken delayMs=512` */
function tail(fields: LogFields): string {
  return Object.entries(fields).map(([name, value]) => ` \x1b[2m${name}=\x1b[22m${show(value)}`).join("");
}

const PLAIN = /^[\p{L}\p{N}_.:/@+?=&%~#,-]+$/u;

/** A value may have come from a venue: no control character of it reaches the terminal, and no value breaks the log. */
function show(value: unknown): string {
  const open = value instanceof Error ? `${value.name}: ${value.message}` : value;
  return typeof open === "string" && PLAIN.test(open) ? open : inspect(open, { breakLength: Infinity });
}

/** A log that cannot be written (a closed pipe) must not end the program. */
function toStandardOutput(bytes: Uint8Array): void {
  try {
    // One write may take less than all of it.
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch { /* nobody reads the log any more */ }
}

function logOn(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(escape(message), fields),
    info: (message, fields = {}) => logger.info(escape(message), fields),
    warning: (message, fields = {}) => logger.warning(escape(message), fields),
    error: (message, fields = {}) => logger.error(escape(message), fields),
    with: (fields) => logOn(logger.with(fields)),
  };
}

/** The library replaces `{name}` in messages; ours are plain sentences. */
function escape(message: string): string {
  return message.replaceAll("{", "{{").replaceAll("}", "}}");
}
