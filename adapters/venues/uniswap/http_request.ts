/** One request to a node over HTTP, with one call in it or many, and what its answer says. */
import { isObject } from "../_base/json.ts";
import { messageOf } from "../_base/rest.ts";
import { retryAfterMs } from "../_base/retry_after.ts";
import { shownUrl } from "../_base/shown_url.ts";
import { answerOf, outcomeOf, type RpcOutcome } from "./rpc.ts";

export interface HttpRequestOptions {
  now(): number;
  /** Ends whatever is under way. */
  signal: AbortSignal;
  /** For one request, until the last byte of its answer. */
  timeoutMs: number;
  /** Of one answer. */
  maxBytes: number;
  maxRetryAfterMs: number;
}

export interface HttpAnswer {
  /** By id; where it is none, no call was answered. */
  outcomes?: ReadonlyMap<number, RpcOutcome>;
  /** Of the request as a whole. There may be outcomes all the same. */
  problem?: string;
  /** The node asks to be asked less, whatever else it says. */
  isLimited?: boolean;
  retryAfterMs?: number;
}

const TOO_MANY_REQUESTS = 429;
const SERVER_ERROR = 500;

/** Never throws. A single call goes out bare: not every provider takes lists. */
export async function askOverHttp(
  url: string,
  requests: readonly Record<string, unknown>[],
  { now, signal, timeoutMs, maxBytes, maxRetryAfterMs }: HttpRequestOptions,
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(requests.length === 1 ? requests[0] : requests),
      signal: AbortSignal.any([signal, timeout]),
    });
    const wait = retryAfterMs(response.headers.get("retry-after"), now(), maxRetryAfterMs);
    const retry = wait === undefined ? {} : { retryAfterMs: wait };
    const text = await textOf(response, maxBytes);
    const outcomes = outcomesOf(text, requests);
    const { ok, status } = response;
    const says = `${shownUrl(url)} answers${ok ? "" : ` with status ${status}`}`;
    const isLimited = status === TOO_MANY_REQUESTS;
    if (typeof outcomes === "string") return { problem: `${says}: ${outcomes}`, isLimited, ...retry };
    if (!isLimited && status < SERVER_ERROR) return { outcomes, ...retry };
    const first = [...outcomes.values()].find((outcome) => "problem" in outcome);
    const problem = first === undefined ? says : `${says}: ${first.problem}`;
    return { outcomes, problem, isLimited, ...retry };
  } catch (error) {
    const why = timeout.aborted ? `no whole answer within ${timeoutMs} ms` : messageOf(error);
    const shown = shownUrl(url);
    return { problem: `${shown} cannot be asked: ${why.replaceAll(url, shown)}` };
  }
}

/**
 * What was asked and answered, by id; else what is wrong with the answer. Ids that nobody asked for are
 * passed over.
 */
function outcomesOf(
  text: string,
  requests: readonly Record<string, unknown>[],
): ReadonlyMap<number, RpcOutcome> | string {
  const body = parse(text);
  const outcomes = new Map<number, RpcOutcome>();
  for (const value of Array.isArray(body) ? body : [body]) {
    const answer = answerOf(value);
    if (answer === undefined || outcomes.has(answer.id)) continue;
    if (requests.some(({ id }) => id === answer.id)) outcomes.set(answer.id, answer.outcome);
  }
  if (outcomes.size > 0) return outcomes;
  // An error for the request as a whole has no id.
  const whole = isObject(body) ? outcomeOf(body) : undefined;
  return whole !== undefined && "problem" in whole ? whole.problem : "no answer to any call";
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`The answer is longer than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
