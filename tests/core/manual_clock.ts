/** A clock that stands still until a test moves it. */
import { setImmediate } from "node:timers";
import type { Clock } from "../../core/ports/clock.ts";

export class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(now = 1_700_000_000_000) {
    this.#now = now;
  }

  /** Timers that were set and neither fired nor were cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  turn(): Promise<void> {
    return settled();
  }

  /** Moves on by `ms`. Timers fire when they are due, in order, with promises settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let due = this.#next(end); due !== undefined; due = this.#next(end)) {
      this.#now = due.at;
      this.#fire(due);
      await settled();
    }
    this.#now = end;
  }

  /** The thread was away for `ms`: what became due meanwhile fires now, once, and late. */
  async pause(ms: number): Promise<void> {
    this.#now += ms;
    for (const timer of this.#timers.filter((one) => one.at <= this.#now)) this.#fire(timer);
    await settled();
  }

  #next(end: number) {
    return this.#timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
  }

  #fire(timer: { at: number; callback: () => void }): void {
    this.#timers = this.#timers.filter((one) => one !== timer);
    timer.callback();
  }
}

/** Resolves when everything that was ready to run has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
