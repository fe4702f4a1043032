/** Why a stream is not alive. */

export type StreamErrorCode =
  /** Nothing answered, or nothing can be known: browsers tell pages of other sites no more. */
  | "unreachable"
  /** The token is missing or not the right one, or this page or address may not read. */
  | "unauthorized"
  /** The program does not take what was asked for, for example a symbol that it does not watch. */
  | "refused"
  /** It answered, and cannot serve now: all places are taken, or too many requests. */
  | "unavailable"
  /** The connection was there and ended. */
  | "lost"
  /** It stayed open, and nothing came any more. */
  | "silent"
  /** What came is no message of MarketFlow. */
  | "malformed"
  /** This platform cannot do what was asked for. */
  | "unsupported";

/** After these nothing gets better by trying again. */
const FINAL = new Set<StreamErrorCode>(["unauthorized", "refused", "unsupported"]);

export interface StreamErrorOptions {
  cause?: unknown;
  /** Of the HTTP answer, where there was one that can be read. */
  status?: number | undefined;
  /** Ask again after so long at the earliest. */
  retryAfterMs?: number | undefined;
}

export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number;

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : {});
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }

  /** The stream ends with it; after any other it comes back by itself. */
  get final(): boolean {
    return FINAL.has(this.code);
  }
}
