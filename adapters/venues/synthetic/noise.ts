/**
 * Random numbers without a state: a hash of (key, position). Any position can be asked for in any order and at the
 * same cost, so a worker that starts an hour late needs no fast-forward to meet the others.
 *
 * The mixing function is `lowbias32` of Chris Wellons' hash prospector (public domain).
 */

/** Mixes 32 bits well. */
function mix(bits: number): number {
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}

/** A key made of a seed and words; different words give unrelated numbers. */
export function keyOf(seed: number, ...words: readonly string[]): number {
  let key = mix(seed ^ 0x9e3779b9);
  for (const word of words) {
    for (let i = 0; i < word.length; i++) key = mix(key ^ word.charCodeAt(i));
    key = mix(key + 0x9e3779b9);
  }
  return key | 0;
}

/** Uniform in `[0, 1)`, always the same for the same key and position. */
export function uniform(key: number, position: number): number {
  return (mix(key ^ Math.imul(position, 0x9e3779b1)) >>> 0) / 2 ** 32;
}

/** Smooth in `[-1, 1]`: a random value every `period` positions, eased in between. It always comes back. */
export function smooth(key: number, position: number, period: number): number {
  const node = Math.floor(position / period);
  const way = position / period - node;
  const from = uniform(key, node);
  const to = uniform(key, node + 1);
  return 2 * (from + (to - from) * way * way * (3 - 2 * way)) - 1;
}
