/** What handlers and pages find in Hono's context: `c.get("app")`. */
import type { Market } from "../core/app/market.ts";

/**
 * The hub of server-sent events. The layer only passes it through, so it knows nothing of it; the stream's own
 * module adds its members by declaring this interface again.
 */
// deno-lint-ignore no-empty-interface
export interface Streams {}

/** The program as routes see it. */
export interface AppContext {
  market: Market;
  streams: Streams;
  version: string;
  /** The threshold, so that an empty page can say what would appear on it. */
  screener: { minNetBps: number; hysteresisBps: number };
}

/** For `new Hono<Env>()`, `Handler<Env>` and `Context<Env>`. */
export interface Env {
  Variables: { app: AppContext };
}
