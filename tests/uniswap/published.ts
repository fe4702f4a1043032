/**
 * Every quote that a feed publishes, read from the shared memory as the core would, before the next one takes
 * its place.
 */
import { LadderReader, LadderWriter } from "../../core/app/ladders.ts";
import type { LadderMemory } from "../../core/app/ladders.ts";
import type { PoolQuote } from "../../core/domain/pool.ts";

const listening = new Set<Published>();

// Nobody is told of a publication but by the row that follows it, which says nothing of the ladders.
const publish = LadderWriter.prototype.publish;
LadderWriter.prototype.publish = function (cell, pool) {
  publish.call(this, cell, pool);
  for (const one of listening) one.look();
};

export class Published implements Disposable {
  /** By cell, oldest first. */
  readonly #quotes: PoolQuote[][];
  readonly #reader: LadderReader;

  constructor(memory: LadderMemory) {
    this.#reader = new LadderReader(memory);
    this.#quotes = Array.from({ length: memory.cells }, () => []);
    listening.add(this);
  }

  of(cell: number): readonly PoolQuote[] {
    return this.#quotes[cell - this.#reader.firstCell]!;
  }

  look(): void {
    for (const [local, quotes] of this.#quotes.entries()) {
      const quote = this.#reader.pool(this.#reader.firstCell + local);
      if (quote !== undefined && quote !== quotes.at(-1)) quotes.push(quote);
    }
  }

  [Symbol.dispose](): void {
    listening.delete(this);
  }
}
