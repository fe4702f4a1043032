/** The time of day. The core has no clock of its own. */
export interface Clock {
  /** Milliseconds since the epoch, with a fraction where the platform has one. */
  now(): number;
}
