/** Raw quotes that the worker has and has not written yet: bounded in bytes, dropped and counted beyond. */
import type { QuoteRows } from "../../core/ports/history.ts";
import { countOf } from "./raw_quotes.ts";

const MAX_BYTES = 32 << 20;

export class QuotesUnderWay {
  dropped = 0;
  #bytes = 0;
  #id = 0;
  #parcels: { id: number; bytes: number; count: number }[] = [];

  /** What to send, with rows in a buffer of their own; undefined where they do not fit. */
  add(rows: QuoteRows): { id: number; rows: QuoteRows } | undefined {
    const bytes = rows.rows.byteLength;
    if (this.#bytes + bytes > MAX_BYTES) return this.drop(rows);
    this.#bytes += bytes;
    this.#parcels.push({ id: ++this.#id, bytes, count: countOf(rows) });
    const whole = rows.rows.buffer instanceof ArrayBuffer && rows.rows.buffer.byteLength === bytes;
    return { id: this.#id, rows: whole ? rows : { ...rows, rows: new Float64Array(rows.rows) } };
  }

  drop(rows: QuoteRows): undefined {
    this.dropped += countOf(rows);
  }

  /** Quotes up to this id are written or dropped. */
  acknowledge(through: number): void {
    while (this.#parcels.length > 0 && this.#parcels[0]!.id <= through) {
      this.#bytes -= this.#parcels.shift()!.bytes;
    }
  }

  /** The worker is gone, and they with it. */
  lost(): void {
    for (const { count } of this.#parcels) this.dropped += count;
    this.#parcels = [];
    this.#bytes = 0;
  }
}
