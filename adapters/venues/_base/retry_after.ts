/**
 * What a `Retry-After` header asks for, in ms from `nowMs`, capped: seconds or an HTTP date (RFC 9110, 10.2.3).
 * Undefined where there is none or it is neither.
 */
export function retryAfterMs(header: string | null, nowMs: number, maxMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const ms = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(ms) ? Math.min(maxMs, Math.max(0, ms)) : undefined;
}
