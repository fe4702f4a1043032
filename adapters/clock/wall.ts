/**
 * The time of day with a fraction of a millisecond, for stamping what arrives.
 *
 * `performance.timeOrigin + performance.now()` alone is off for good after the machine slept or its clock was set,
 * because it follows neither. So it is compared with the clock now and then, and taken back to it.
 */

const COMPARE_EVERY_MS = 1000;
/** `Date.now()` is a whole number, so a difference of one means nothing. */
const TOLERANCE_MS = 2;

let origin = performance.timeOrigin;
let comparedAt = 0;

/** Milliseconds since the epoch, of this thread's clock. */
export function wallTime(): number {
  const elapsed = performance.now();
  if (elapsed - comparedAt >= COMPARE_EVERY_MS) {
    comparedAt = elapsed;
    const off = Date.now() - (origin + elapsed);
    if (Math.abs(off) > TOLERANCE_MS) origin += off;
  }
  return origin + elapsed;
}
