/** A ladder as one channel shows it: the best levels of both sides, and what changed since the channel last spoke. */
import type { Ladder } from "./ladder.ts";
import { changes, Window } from "./window.ts";

export class View {
  readonly ladder: Ladder;
  bids: Window;
  asks: Window;
  /** What the last `read` changed; size 0 for a level that left. */
  readonly changedBids: Window;
  readonly changedAsks: Window;
  /** The ladder's sequence at the last `read`, and at the one before. */
  sequence = 0;
  before = 0;
  readonly #pushedOut: boolean;
  #spareBids: Window;
  #spareAsks: Window;

  /** `pushedOut`: see `changes`. */
  constructor(ladder: Ladder, depth: number, pushedOut = true) {
    this.ladder = ladder;
    this.#pushedOut = pushedOut;
    [this.bids, this.asks] = [new Window(depth), new Window(depth)];
    [this.#spareBids, this.#spareAsks] = [new Window(depth), new Window(depth)];
    [this.changedBids, this.changedAsks] = [new Window(2 * depth), new Window(2 * depth)];
  }

  /** Takes over the ladder as it is. False where nothing had changed. */
  read(): boolean {
    this.before = this.sequence;
    if (this.sequence === this.ladder.sequence) return false;
    this.sequence = this.ladder.sequence;
    [this.bids, this.#spareBids] = [this.#spareBids, this.bids];
    [this.asks, this.#spareAsks] = [this.#spareAsks, this.asks];
    this.ladder.fill("bid", this.bids);
    this.ladder.fill("ask", this.asks);
    changes(this.#spareBids, this.bids, false, this.#pushedOut, this.changedBids);
    changes(this.#spareAsks, this.asks, true, this.#pushedOut, this.changedAsks);
    return true;
  }
}
