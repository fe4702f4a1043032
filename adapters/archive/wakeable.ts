/** The rest of a loop: until something is to be done, or for a time, or until the loop is to end. */
import type { Clock } from "../../core/ports/clock.ts";

export class Wakeable {
  #woken = false;
  #ended = false;
  #rouse = () => {};
  #asleep = false;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends `untilWoken`, also one that begins later. */
  wake(): void {
    this.#woken = true;
    if (!this.#asleep) this.#rouse();
  }

  /** Ends every rest from here on. */
  end(): void {
    this.#ended = true;
    this.#rouse();
  }

  async untilWoken(longestMs: number): Promise<void> {
    if (!this.#woken) await this.#rest(longestMs);
    this.#woken = false;
  }

  /** Not ended by `wake`. */
  async sleep(ms: number): Promise<void> {
    this.#asleep = true;
    await this.#rest(ms);
    this.#asleep = false;
  }

  #rest(ms: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(ms, resolve);
      this.#rouse = () => {
        cancel();
        resolve();
      };
    });
  }
}
