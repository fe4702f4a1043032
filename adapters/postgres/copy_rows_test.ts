import assert from "node:assert/strict";
import { Row } from "../../core/app/channel.ts";
import type { QuoteRows } from "../../core/ports/history.ts";
import { CopyRows } from "./copy_rows.ts";

const HEADER_BYTES = 19;

/** Fields of each row as bytes, null where there is none. */
function decoded(quotes: QuoteRows, rows = new CopyRows()): (Uint8Array | null)[][] {
  // A chunk is overwritten by the next one.
  const bytes = Uint8Array.from(rows.chunks(quotes).flatMap((chunk) => [...chunk]));
  const view = new DataView(bytes.buffer);
  const found: (Uint8Array | null)[][] = [];
  for (let at = HEADER_BYTES;;) {
    const fields = view.getInt16(at);
    at += 2;
    if (fields === -1) {
      assert.equal(at, bytes.length);
      return found;
    }
    found.push(Array.from({ length: fields }, () => {
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) return null;
      at += length;
      return bytes.slice(at - length, at);
    }));
  }
}

const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes!);
const view = (bytes: Uint8Array | null | undefined) => new DataView(bytes!.buffer);

function quotes(symbol: string, count: number): QuoteRows {
  const rows = new Float64Array(count * Row.WORDS).fill(NaN);
  for (let n = 0; n < count; n++) {
    rows.set([0, 2, 1.5], n * Row.WORDS);
    rows[n * Row.WORDS + Row.receivedTime] = Date.UTC(2026, 6, 1) + n + 0.125;
    rows[n * Row.WORDS + Row.ticks] = n;
  }
  return { mode: "test", exchanges: ["kraken"], symbols: [symbol], rows };
}

Deno.test("ticks in COPY's binary format: names, microseconds since 2000, numbers, and nothing for what is absent", () => {
  const [row] = decoded(quotes("Δ-USDT", 1));
  assert.deepEqual(row!.slice(0, 3).map(text), ["test", "kraken", "Δ-USDT"]);
  assert.equal(
    view(row![3]).getBigInt64(0),
    BigInt(Date.UTC(2026, 6, 1) - Date.UTC(2000, 0, 1)) * 1000n + 125n,
  );
  assert.equal(row![4], null);
  assert.equal(text(row![5]), "stale");
  assert.equal(view(row![6]).getFloat64(0), 1.5);
  assert.deepEqual(row!.slice(7, 11), [null, null, null, null]);
  assert.equal(view(row![11]).getInt32(0), 0);
});

Deno.test("ticks from before 2000 have negative microseconds", () => {
  const early = quotes("A-B", 1);
  early.rows[Row.receivedTime] = 0;
  const [row] = decoded(early);
  assert.equal(view(row![3]).getBigInt64(0), BigInt(-Date.UTC(2000, 0, 1)) * 1000n);
});

Deno.test("ticks of many chunks, of none, and with names longer than a chunk are all there; the encoder is used again", () => {
  const rows = new CopyRows();
  assert.equal(decoded(quotes("A-B", 0), rows).length, 0);
  const counts = decoded(quotes("A-B", 5_000), rows).map((row) => view(row[11]).getInt32(0));
  assert.deepEqual(counts, Array.from({ length: 5_000 }, (_, n) => n));
  const long = "X".repeat(400_000);
  const [first, second] = decoded(quotes(long, 2), rows);
  assert.equal(text(first![2]), long);
  assert.equal(text(second![2]), long);
});

Deno.test("a COPY that was left in the middle leaves nothing to the next", () => {
  const rows = new CopyRows();
  for (const _ of rows.chunks(quotes("A-B", 5_000))) break;
  assert.equal(decoded(quotes("A-B", 3), rows).length, 3);
});
