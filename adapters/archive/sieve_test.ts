import assert from "node:assert/strict";
import { bar, minuteOf } from "../../tests/archive/records.ts";
import { type HistoryBatch, HistoryError } from "../../core/ports/history.ts";
import { type Kept, keptOf } from "./records.ts";
import { writeSieved } from "./sieve.ts";

/** A table that takes no bar of these symbols, or nothing at all. */
class Table {
  readonly rows = new Map<string, number>();
  writes = 0;
  readonly #refuses: (symbol: string) => boolean;

  constructor(refuses: (symbol: string) => boolean) {
    this.#refuses = refuses;
  }

  write({ minutes }: HistoryBatch): Promise<void> {
    this.writes++;
    if (minutes.some(({ symbol }) => this.#refuses(symbol))) {
      return Promise.reject(new HistoryError("refused", "Value out of range"));
    }
    for (const { symbol, samples } of minutes) this.rows.set(symbol, samples);
    return Promise.resolve();
  }
}

const records = (...symbols: string[]): Kept[] =>
  keptOf({ minutes: symbols.map((symbol) => bar(symbol)), episodes: [] });

Deno.test("sieve finds the records that are refused and writes the others once", async () => {
  const bad = new Set(["S0-USDT", "S517-USDT", "S518-USDT", "S999-USDT"]);
  const table = new Table((symbol) => bad.has(symbol));
  const rejected = await writeSieved(table, keptOf({ minutes: minuteOf(1_000, 0), episodes: [] }));
  assert.deepEqual(new Set(rejected.map(({ record }) => (record.body as { symbol: string }).symbol)), bad);
  assert(rejected.every(({ error }) => error === "Value out of range"));
  assert.equal(table.rows.size, 996);
  assert(table.writes < 150, `${table.writes} writes`);
});

Deno.test("sieve blames the history where nothing is taken, and gives up soon", async () => {
  const table = new Table(() => true);
  await assert.rejects(writeSieved(table, keptOf({ minutes: minuteOf(1_000, 0), episodes: [] })), {
    kind: "refused",
  });
  assert(table.writes < 100, `${table.writes} writes`);
});

Deno.test("sieve does not blame the only record there is", async () => {
  const table = new Table((symbol) => symbol === "A-X");
  await assert.rejects(writeSieved(table, records("A-X")), { kind: "refused" });
  assert.deepEqual((await writeSieved(table, records("A-X", "B-X"))).map(({ error }) => error), [
    "Value out of range",
  ]);
});

Deno.test("sieve leaves the later of two records with one key, however it searched", async () => {
  let refusals = 1;
  const table = new Table((symbol) => symbol === "BAD-X" || symbol === "A-X" && refusals-- > 0);
  const batch = keptOf({
    minutes: [bar("A-X", 0, 1), bar("BAD-X"), bar("B-X"), bar("C-X"), bar("A-X", 0, 2), bar("D-X")],
    episodes: [],
  });
  const rejected = await writeSieved(table, batch);
  assert.equal(rejected.length, 1);
  assert.equal(table.rows.get("A-X"), 2);
});

Deno.test("sieve stops where the history does not answer any more", async () => {
  let writes = 0;
  const write = () => {
    writes++;
    return Promise.reject(new HistoryError(writes < 3 ? "refused" : "unreachable", "Gone"));
  };
  await assert.rejects(writeSieved({ write }, records("A-X", "B-X", "C-X")), { kind: "unreachable" });
  assert.equal(writes, 3);
});
