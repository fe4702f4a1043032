/** One GET, within bounds of time and size. */
import { retryAfterMs } from "./retry_after.ts";
import { shownUrl } from "./shown_url.ts";
import type { FeedTuning } from "./tuning.ts";

interface RestOptions {
  now(): number;
  /** Ends the request. */
  signal: AbortSignal;
  tuning: Pick<FeedTuning, "restTimeoutMs" | "maxRetryAfterMs">;
  maxBytes: number;
}

/** The body, or why there is none. */
export interface RestAnswer {
  body?: string;
  problem?: string;
  /** The venue asks not to be asked again before, ms. */
  retryAfterMs?: number;
}

/** `path` begins with a slash. Never throws: a body that cannot be had is a `problem`. */
export async function readBody(restUrl: string, path: string, options: RestOptions): Promise<RestAnswer> {
  const { now, signal, tuning: { restTimeoutMs, maxRetryAfterMs }, maxBytes } = options;
  const url = restUrl.replace(/\/+$/, "") + path;
  const shown = shownUrl(restUrl) + path;
  const timeout = AbortSignal.timeout(restTimeoutMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, timeout]) });
    if (response.ok) return { body: await bodyOf(response, maxBytes) };
    await response.body?.cancel();
    const wait = retryAfterMs(response.headers.get("retry-after"), now(), maxRetryAfterMs);
    const problem = `${shown} answers with status ${response.status}`;
    return wait === undefined ? { problem } : { problem, retryAfterMs: wait };
  } catch (error) {
    const why = timeout.aborted ? `no whole answer within ${restTimeoutMs} ms` : messageOf(error);
    // Some errors name the whole address.
    return { problem: `${shown} cannot be read: ${why.replaceAll(/\bhttps?:\/\/[^\s()]+/gu, shown)}` };
  }
}

async function bodyOf(response: Response, maxBytes: number): Promise<string> {
  let text = "";
  let bytes = 0;
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The body is longer than ${maxBytes} bytes`);
  }
  return text + decoder.decode();
}

/** With the cause, because `fetch failed` alone says nothing. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${messageOf(error.cause)}`;
}
