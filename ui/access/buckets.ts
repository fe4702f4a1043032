/**
 * Token buckets by client: each holds `burst` requests and gains `perSecond` (what is not whole is carried over). Their
 * number is bounded. A bucket that is full and of which nothing is open is as good as none, so it makes room for others;
 * where all places are taken by clients that are busy, newcomers share one bucket: they get less, and none of those that
 * were there before notices.
 */

export interface BucketLimits {
  perSecond: number;
  burst: number;
  /** Requests, streams and connections at once. Default: any number. */
  open?: number;
}

/** About 2 MB when full. */
const PLACES = 16_384;
/** So many of the longest unused buckets are looked at for one to give up. */
const LOOKS = 8;

interface Bucket {
  /** Of `at`. */
  left: number;
  at: number;
  open: number;
}

export class Buckets {
  readonly #limits: Required<BucketLimits>;
  readonly #now: () => number;
  readonly #places: number;
  /** The longest unused first. */
  readonly #byGroup = new Map<string, Bucket>();
  readonly #shared: Bucket;

  /** `now` in milliseconds, on a clock that does not go back. */
  constructor({ open = Infinity, ...limits }: BucketLimits, now = () => performance.now(), places = PLACES) {
    this.#limits = { ...limits, open };
    this.#now = now;
    this.#places = places;
    this.#shared = this.#full();
  }

  /** Takes one request. Returns 0, or after how many seconds there will be one. */
  take(group: string): number {
    const bucket = this.#filled(this.#find(group));
    if (bucket.left < 1) return this.#wait(bucket);
    bucket.left--;
    return 0;
  }

  /** As `take`, without taking. */
  waitS(group: string): number {
    const newcomer = this.#byGroup.size < this.#places ? undefined : this.#shared;
    const bucket = this.#byGroup.get(group) ?? newcomer;
    return bucket === undefined ? 0 : this.#wait(this.#filled(bucket));
  }

  /** Takes a place for something that stays open. Returns how to give it back, once; undefined where none is free. */
  enter(group: string): (() => void) | undefined {
    const bucket = this.#find(group);
    if (bucket.open >= this.#limits.open) return undefined;
    bucket.open++;
    let left = false;
    return () => {
      if (!left) bucket.open--;
      left = true;
    };
  }

  /** Clients that are known now. */
  get size(): number {
    return this.#byGroup.size;
  }

  #find(group: string): Bucket {
    const known = this.#byGroup.get(group);
    if (known === undefined && this.#byGroup.size >= this.#places && !this.#makeRoom()) return this.#shared;
    const bucket = known ?? this.#full();
    this.#byGroup.delete(group);
    this.#byGroup.set(group, bucket);
    return bucket;
  }

  #makeRoom(): boolean {
    let looks = 0;
    for (const [group, bucket] of this.#byGroup) {
      if (looks++ === LOOKS) return false;
      this.#byGroup.delete(group);
      if (bucket.open === 0 && this.#filled(bucket).left >= this.#limits.burst) return true;
      // Streams may be open for days; the next one is looked at first then.
      this.#byGroup.set(group, bucket);
    }
    return false;
  }

  #full(): Bucket {
    return { left: this.#limits.burst, at: this.#now(), open: 0 };
  }

  #filled(bucket: Bucket): Bucket {
    const now = this.#now();
    const { burst, perSecond } = this.#limits;
    bucket.left = Math.min(burst, bucket.left + (now - bucket.at) * perSecond / 1000);
    bucket.at = now;
    return bucket;
  }

  #wait({ left }: Bucket): number {
    return left >= 1 ? 0 : Math.ceil((1 - left) / this.#limits.perSecond);
  }
}
