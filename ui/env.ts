/** What handlers and pages find in Hono's context: `c.get("app")`. */
import type { Market } from "../core/app/market.ts";
import type { StreamHub } from "../core/app/stream.ts";
import type { Metrics } from "../core/ports/metrics.ts";

/** The program as routes see it. */
export interface AppContext {
  market: Market;
  streams: StreamHub;
  metrics: Metrics;
  version: string;
  /** The threshold, so that an empty page can say what would appear on it. */
  screener: { minNetBps: number; hysteresisBps: number };
}

/** For `new Hono<Env>()`, `Handler<Env>` and `Context<Env>`. */
export interface Env {
  Variables: { app: AppContext };
}
