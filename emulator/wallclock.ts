/** Milliseconds since the epoch with microseconds in the fraction, for venues that write them. */
export function wallclock(): number {
  return performance.timeOrigin + performance.now();
}
