/** Time, as far as the core needs it. The core has no clock of its own. */
export interface Clock {
  /** Milliseconds since the epoch, with a fraction where the platform has one. */
  now(): number;
  /** Calls `callback` once, `delayMs` from now. Returns the way to cancel. */
  after(delayMs: number, callback: () => void): () => void;
  /** Resolves after other work (sockets, timers) had its turn, and not before `restMs` where that is above 0. */
  turn(restMs?: number): Promise<void>;
}
