/** Troubles that can come a thousand times a second, told at most once in a while, with how many there were. */
import type { Log } from "../../../core/ports/log.ts";

const EXCERPT_CHARACTERS = 200;

export class Trouble {
  readonly #log: Log;
  readonly #message: string;
  readonly #everyMs: number;
  #count = 0;
  #reason = "";
  #excerpt = "";
  #loggedAt = -Infinity;

  constructor(log: Log, message: string, everyMs: number) {
    this.#log = log;
    this.#message = message;
    this.#everyMs = everyMs;
  }

  /** Counts one. The first of each period is the one that is shown, cut to 200 characters. */
  add(reason: string, excerpt: string, nowMs: number): void {
    if (this.#count++ === 0) {
      this.#reason = reason;
      this.#excerpt = excerpt.slice(0, EXCERPT_CHARACTERS);
    }
    this.tell(nowMs);
  }

  /** Logs what came together, if there is something and the last line is old enough. */
  tell(nowMs: number): void {
    if (this.#count === 0 || nowMs - this.#loggedAt < this.#everyMs) return;
    this.#log.warning(this.#message, { count: this.#count, reason: this.#reason, excerpt: this.#excerpt });
    this.#count = 0;
    this.#loggedAt = nowMs;
  }
}
