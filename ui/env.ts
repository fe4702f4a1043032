/** What handlers and pages find in Hono's context: `c.get("app")`. */
import type { Market } from "../core/app/market.ts";
import type { QuoteHub } from "../core/app/quote_stream.ts";
import type { StreamEncoder, StreamHub } from "../core/app/stream.ts";
import type { StreamProtocol } from "../core/app/stream/protocol.ts";
import type { Metrics } from "../core/ports/metrics.ts";

/** The program as routes see it. */
export interface AppContext {
  market: Market;
  streams: StreamHub;
  quoteStreams: QuoteHub;
  /** The form of server-sent events. */
  sse: StreamEncoder;
  /** What WebSockets speak; the first where a client names none. */
  protocols: readonly StreamProtocol[];
  metrics: Metrics;
  version: string;
  /** The threshold, so that an empty page can say what would appear on it. */
  screener: { minNetBps: number; hysteresisBps: number };
}

/** For `new Hono<Env>()`, `Handler<Env>` and `Context<Env>`. */
export interface Env {
  Variables: { app: AppContext };
}
