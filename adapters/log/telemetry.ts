/**
 * OpenTelemetry, as Deno has it built in: `OTEL_DENO` turns it on, and of logs it exports what goes through the
 * console, with the level by the console's method.
 */
import type { LogRecord } from "@logtape/logtape";

const METHODS = {
  trace: "debug",
  debug: "debug",
  info: "info",
  warning: "warn",
  error: "error",
  fatal: "error",
} as const;

/** Deno does not say; but where it is off, it refuses to begin a span. One that is never ended is exported nowhere. */
export function exportsTelemetry(): boolean {
  try {
    Deno.telemetry.tracerProvider.getTracer("marketflow").startSpan("nothing");
    return true;
  } catch {
    return false;
  }
}

/** Whether the line is also written to the terminal or pipe is up to `OTEL_DENO_CONSOLE`; errors go to standard error. */
export function writeToConsole(line: Uint8Array, level: LogRecord["level"]): void {
  console[METHODS[level]](new TextDecoder().decode(line).trimEnd());
}
