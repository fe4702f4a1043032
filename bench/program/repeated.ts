/**
 * Frames that are made once and sent again and again: the source shares two cores with what it measures, so the load
 * must cost it next to nothing. Each round begins with the venue's snapshot, where it has one, so that books built of
 * changes agree from round to round.
 */
import type { Ladder } from "../../emulator/ladder.ts";
import type { Stream } from "../../emulator/topic.ts";

const FRAMES = 32;

/** What a ladder shows at the top of its book. */
type Top = Pick<Ladder, "bidTicks" | "bidLots" | "askTicks" | "askLots">;

export class RepeatedStream implements Stream {
  readonly #ladder: Ladder;
  readonly #texts: string[] = [];
  readonly #tops: Top[] = [];
  readonly #first: string | null;
  #at = 0;

  /** `move` changes the ladder; `inner` says what that is in the venue's words. */
  constructor(inner: Stream, ladder: Ladder, move: () => void) {
    this.#ladder = ladder;
    const now = performance.timeOrigin + performance.now();
    this.#first = inner.first(now);
    if (this.#first !== null) this.#keep(this.#first);
    while (this.#texts.length < FRAMES) {
      move();
      const text = inner.next(now);
      if (text !== null) this.#keep(text);
    }
  }

  #keep(text: string): void {
    const { bidTicks, bidLots, askTicks, askLots } = this.#ladder;
    this.#texts.push(text);
    this.#tops.push({ bidTicks, bidLots, askTicks, askLots });
  }

  first(): string | null {
    this.#at = 0;
    return this.#first === null ? null : this.next();
  }

  /** The ladder goes with the frames, so that it shows what was said last. */
  next(): string {
    const at = this.#at;
    this.#at = (at + 1) % FRAMES;
    Object.assign(this.#ladder, this.#tops[at]);
    return this.#texts[at]!;
  }
}
