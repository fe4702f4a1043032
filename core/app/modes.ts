/**
 * The mode, and the way from one to the other: every worker of the old mode ends before the first of the new one
 * starts, so that data of the two never meet. Requests that come while a switch is under way are not queued: the last
 * one wins.
 */
import type { Mode } from "../domain/mode.ts";
import type { ModeStatus } from "./market.ts";
import type { Clock } from "../ports/clock.ts";
import type { Supervisor } from "./supervisor.ts";

export class Modes {
  readonly #clock: Clock;
  readonly #supervisorsOf: (mode: Mode) => Supervisor[];
  readonly #onSwitched: (mode: Mode) => void;
  readonly #onEnded: () => void;
  #mode: Mode;
  #wanted: Mode;
  #since: number;
  #supervisors: Supervisor[] = [];
  #switching: Promise<void> | undefined;
  #stopped = false;

  /**
   * `onEnded` is called when all workers of a mode have ended and before it is left, `onSwitched` when those of the new
   * mode have been started.
   */
  constructor(
    mode: Mode,
    clock: Clock,
    supervisorsOf: (mode: Mode) => Supervisor[],
    onSwitched: (mode: Mode) => void,
    onEnded: () => void,
  ) {
    this.#mode = this.#wanted = mode;
    this.#clock = clock;
    this.#since = clock.now();
    this.#supervisorsOf = supervisorsOf;
    this.#onSwitched = onSwitched;
    this.#onEnded = onEnded;
  }

  get mode(): Mode {
    return this.#mode;
  }

  get supervisors(): readonly Supervisor[] {
    return this.#supervisors;
  }

  status(): ModeStatus {
    return { mode: this.#mode, switching: this.#switching !== undefined, since: this.#since };
  }

  start(): void {
    this.#since = this.#clock.now();
    this.#supervisors = this.#supervisorsOf(this.#mode);
    for (const supervisor of this.#supervisors) supervisor.start();
  }

  /** Resolves when the mode that was asked for last runs. */
  async switchTo(mode: Mode): Promise<ModeStatus> {
    this.#wanted = mode;
    if (mode !== this.#mode && !this.#stopped) this.#switching ??= this.#settle();
    await this.#switching;
    return this.status();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#switching;
    await this.#end("shutdown");
  }

  /**
   * Ends in the same step that sees the wanted mode running, so that a request either is seen by the loop or begins a
   * new one.
   */
  async #settle(): Promise<void> {
    try {
      while (this.#wanted !== this.#mode && !this.#stopped) {
        await this.#end("mode_switch");
        if (this.#stopped) return;
        this.#mode = this.#wanted;
        this.start();
        this.#onSwitched(this.#mode);
      }
    } finally {
      this.#switching = undefined;
    }
  }

  async #end(reason: "mode_switch" | "shutdown"): Promise<void> {
    await Promise.all(this.#supervisors.map((supervisor) => supervisor.stop(reason)));
    this.#onEnded();
    this.#supervisors = [];
  }
}
