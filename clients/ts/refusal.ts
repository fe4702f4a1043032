/**
 * Why a WebSocket did not open. No platform tells a program what was answered in place of a WebSocket, so the same
 * address is asked once more without one: what is wrong with the request is then said in words.
 */
import { StreamError, type StreamErrorCode } from "./errors.ts";

const WITHIN_MS = 5_000;
/** Why is said at the beginning; an answer may go on for ever. */
const MAX_CHARACTERS = 10_000;
/** No answer may keep a client away for longer. */
const MAX_RETRY_AFTER_MS = 300_000;
/** Answers that may be others the next time. */
const PASSING = new Set([408, 425, 426, 429]);
/** The program takes the request as it is, but for the WebSocket. */
const UPGRADE_REQUIRED = 426;

/** `url` begins with http. `cause` is what the platform said, which is little. */
export async function whyRefused(
  { url, headers, signal }: { url: string; headers: Record<string, string>; signal: AbortSignal },
  cause: unknown,
): Promise<StreamError> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
    });
  } catch {
    return new StreamError(
      "unreachable",
      `Nothing can be read from ${url}: the program does not run there, or a page of another site asks`,
      { cause },
    );
  }
  const { status } = response;
  const code = codeOf(status);
  const text = await beginningOf(response, code === "unreachable" ? 0 : MAX_CHARACTERS);
  if (code === "unreachable") {
    const doubt = `${url} answers ${status}, which is not what MarketFlow does: is the address right?`;
    return new StreamError(code, doubt, { cause, status });
  }
  const said = status === UPGRADE_REQUIRED
    ? "the request is right, but no WebSocket opened; all places are taken, or a proxy does not let them through"
    : inWords(text);
  const seconds = Number(response.headers.get("retry-after"));
  return new StreamError(code, `${url} answers ${status}: ${said}`, {
    cause,
    status,
    retryAfterMs: seconds > 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : 0,
  });
}

function codeOf(status: number): StreamErrorCode {
  if (status === 401 || status === 403) return "unauthorized";
  if (status >= 500 || PASSING.has(status)) return "unavailable";
  return status >= 400 ? "refused" : "unreachable";
}

/** At least so many characters, or what came of them. The rest is let go, which frees the connection. */
async function beginningOf({ body }: Response, characters: number): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (reader && text.length < characters) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    await reader?.cancel();
  } catch {
    // It broke off, or took too long: the status is an answer, too.
  }
  return text;
}

/** What a problem document (RFC 9457) says, else the beginning of the text. */
function inWords(text: string): string {
  try {
    const { title, detail } = JSON.parse(text);
    return [title, detail].filter((part) => typeof part === "string").join("; ");
  } catch {
    return text.slice(0, 200);
  }
}
