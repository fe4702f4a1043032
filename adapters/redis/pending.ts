/**
 * The pairs whose latest quote is not written yet, oldest first. A pair stands here once, however often its quote
 * changes meanwhile: what is written is what it is then.
 */
import type { RedisPair } from "./pair.ts";

export class Pending {
  #queue: RedisPair[] = [];
  #inFlight: RedisPair[] = [];
  #count = 0;
  #conflated = 0;

  /** Waiting and on their way. */
  get count(): number {
    return this.#count;
  }

  /** Waiting only. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Since when the oldest waits. */
  get oldest(): number | undefined {
    return (this.#inFlight[0] ?? this.#queue[0])?.waitingSince;
  }

  get conflated(): number {
    return this.#conflated;
  }

  /** Its quote changed at `nowMs`. */
  add(pair: RedisPair, nowMs: number): void {
    if (pair.queued) {
      this.#conflated++;
      return;
    }
    if (!pair.inFlight) {
      this.#count++;
      pair.waitingSince = nowMs;
    }
    pair.queued = true;
    this.#queue.push(pair);
  }

  /** It is to be written again, though it did not change. */
  again(pair: RedisPair, nowMs: number): void {
    if (!pair.queued) this.add(pair, nowMs);
  }

  /** The oldest, at most so many, are on their way from now on. Not before the last ones are `done`. */
  take(most: number): readonly RedisPair[] {
    this.#inFlight = this.#queue.splice(0, most);
    for (const pair of this.#inFlight) {
      pair.queued = false;
      pair.inFlight = true;
    }
    return this.#inFlight;
  }

  /** Those on their way arrived, or did not: then they wait again, in front. */
  done(arrived: boolean, nowMs: number): void {
    const pairs = this.#inFlight;
    this.#inFlight = [];
    const back: RedisPair[] = [];
    for (const pair of pairs) {
      pair.inFlight = false;
      if (pair.queued) {
        if (arrived) pair.waitingSince = nowMs;
        else this.#conflated++;
      } else if (arrived) this.#count--;
      else {
        pair.queued = true;
        back.push(pair);
      }
    }
    if (back.length > 0) this.#queue = back.concat(this.#queue);
  }
}
