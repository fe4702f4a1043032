/**
 * Moves the market with the time and hands out the changes evenly.
 *
 * The market makes 20 steps a second, as its drifts are made for; the cells that a step quotes anew are spread over
 * the time until the next. A higher rate is filled up with changes of size only, so that load does not speed up the
 * market itself; a lower one slows it down.
 */
import type { SyntheticMarket } from "../adapters/venues/synthetic/market.ts";

const STEPS_PER_SECOND = 20;
/** After a pause of the process no more than this is made up for. */
const MOST_CATCH_UP_MS = 1_000;
const HOUSEKEEPING_MS = 10;

export interface PacerOptions {
  market: SyntheticMarket;
  /** Cells below this are paced and counted; those above follow the market's steps at once. */
  pacedCells: number;
  /** Changes per second over all paced cells; undefined for what the market does by itself. */
  rate: number | undefined;
  /** The market quoted this cell anew. */
  quoted(cell: number): void;
  /** Change the sizes of this cell. */
  stirred(cell: number): void;
  housekeep(): void;
}

export class Pacer {
  frozen = false;
  /** Changes that were due and not made because the process was too slow. */
  missed = 0;
  readonly #options: PacerOptions;
  readonly #rate: number;
  readonly #stepsPerSecond: number;
  #step = 0;
  #stepTime = 0;
  #pending: number[] = [];
  #budget = 0;
  #nextStirred = 0;
  #last = 0;
  #housekeepingAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
    const natural = changesPerStep(options.market, options.pacedCells);
    this.#stepsPerSecond = Math.min(STEPS_PER_SECOND, (options.rate ?? Infinity) / natural);
    this.#rate = options.rate ?? natural * STEPS_PER_SECOND;
    options.market.step(0);
    for (let cell = 0; cell < options.market.bid.length; cell++) options.quoted(cell);
  }

  get step(): number {
    return this.#step;
  }

  start(): void {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#tick(), this.#rate >= 1000 ? 1 : 5);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const time = performance.now();
    const elapsed = time - this.#last;
    this.#last = time;
    if (time - this.#housekeepingAt >= HOUSEKEEPING_MS) {
      this.#housekeepingAt = time;
      this.#options.housekeep();
    }
    if (this.frozen) return;
    this.#moveMarket(elapsed);
    this.#spend(elapsed);
  }

  #moveMarket(elapsed: number): void {
    this.#stepTime += elapsed;
    const step = Math.floor(this.#stepTime * this.#stepsPerSecond / 1000);
    if (step === this.#step) return;
    const { market, quoted, pacedCells } = this.#options;
    // The market's arrays are about to move on.
    for (const cell of this.#pending) quoted(cell);
    this.#budget -= this.#pending.length;
    this.#pending = [];
    this.#step = step;
    for (const cell of market.step(step)) {
      if (cell < pacedCells) this.#pending.push(cell);
      else quoted(cell);
    }
  }

  #spend(elapsed: number): void {
    const { quoted, stirred, rate, pacedCells } = this.#options;
    this.#budget += elapsed * this.#rate / 1000;
    const most = Math.max(1, this.#rate * MOST_CATCH_UP_MS / 1000);
    if (this.#budget > most) {
      if (rate !== undefined) this.missed += Math.floor(this.#budget - most);
      this.#budget = most;
    }
    while (this.#budget >= 1) {
      const cell = this.#pending.pop();
      if (cell !== undefined) quoted(cell);
      else if (rate !== undefined) {
        stirred(this.#nextStirred);
        this.#nextStirred = (this.#nextStirred + 1) % pacedCells;
      } else break;
      this.#budget--;
    }
  }
}

/** How many of the paced cells a step quotes anew, on average. */
function changesPerStep(market: SyntheticMarket, pacedCells: number): number {
  const steps = 60; // A multiple of every cadence of the market.
  let changes = 0;
  market.step(-steps - 1);
  for (let n = -steps; n < 0; n++) changes += market.step(n).filter((cell) => cell < pacedCells).length;
  return changes / steps;
}
