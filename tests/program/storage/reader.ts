/** Reads prices again and again while storage comes and goes; none of it may fail, whatever is gone. */
import assert from "node:assert/strict";
import { pause } from "../process.ts";

const EVERY_MS = 50;
/** An answer that takes longer is a failed read: so many turns of this process, at least so long apart. */
const TURNS = 100;
const TURN_MS = 100;

export class SteadyReader {
  reads = 0;
  readonly failures: string[] = [];
  #reading = true;
  readonly #done: Promise<void>;

  constructor(url: string, paths: readonly string[]) {
    this.#done = this.#run(url, paths);
  }

  /** Ends reading; throws where any read failed. */
  async stop(): Promise<void> {
    this.#reading = false;
    await this.#done;
    assert.deepEqual(this.failures, []);
    assert.ok(this.reads > 0, "Nothing was read");
  }

  async #run(url: string, paths: readonly string[]): Promise<void> {
    while (this.#reading) {
      await Promise.all(paths.map((path) => this.#read(url, path)));
      await pause(EVERY_MS);
    }
  }

  async #read(url: string, path: string): Promise<void> {
    // Counted in turns, because what this process computes beside must not make an answer late that is there.
    const late = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === TURNS) late.abort(new Error(`No answer within ${TURNS * TURN_MS} ms`));
    }, TURN_MS);
    try {
      const response = await fetch(url + path, { signal: late.signal });
      const body = await response.json();
      this.reads++;
      const list = body.quotes ?? body.exchanges ?? [body];
      if (response.status !== 200 || list.length === 0) {
        this.failures.push(`${path}: ${response.status} ${JSON.stringify(body)}`);
      }
    } catch (error) {
      this.failures.push(`${path}: ${error}`);
    } finally {
      clearInterval(timer);
    }
  }
}
