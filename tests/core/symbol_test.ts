/** Symbols in any spelling, from short alphabets so that concatenations collide often. */
import assert from "node:assert/strict";
import fc from "../tools/fast_check.ts";
import { isCanonicalSymbol, SymbolIndex } from "../../core/domain/symbol.ts";
import { runs, seed } from "./seed.ts";

const asset = fc.string({ unit: fc.constantFrom("A", "B", "1", "币"), minLength: 1, maxLength: 4 });
const symbols = fc.uniqueArray(fc.tuple(asset, asset).map((pair) => pair.join("-")), {
  minLength: 1,
  maxLength: 40,
});
const separator = fc.constantFrom("-", "_", "/", ":", " ", " / ");

Deno.test("every symbol is found by every spelling that says where it is split", () => {
  fc.assert(
    fc.property(symbols, separator, fc.boolean(), (known, between, lower) => {
      const index = new SymbolIndex(known);
      for (const symbol of known) {
        assert.ok(isCanonicalSymbol(symbol));
        const text = symbol.replace("-", between);
        assert.equal(index.resolve(lower ? text.toLowerCase() : text), symbol);
      }
    }),
    { seed, numRuns: runs(500) },
  );
});

Deno.test("joined name is found exactly where one symbol reads like it", () => {
  fc.assert(
    fc.property(symbols, fc.tuple(asset, asset), (known, [base, quote]) => {
      const index = new SymbolIndex(known);
      for (const joined of [base + quote, ...known.map((symbol) => symbol.replace("-", ""))]) {
        const readings = known.filter((symbol) => symbol.replace("-", "") === joined);
        assert.equal(index.resolve(joined), readings.length === 1 ? readings[0] : undefined);
      }
      const dashed = `${base}-${quote}`;
      assert.equal(index.resolve(dashed), known.includes(dashed) ? dashed : undefined);
    }),
    { seed, numRuns: runs(500) },
  );
});

Deno.test("whatever the text, what is found is a known symbol with the same letters", () => {
  const letters = (text: string) => text.toUpperCase().replace(/[-_/:\s]/gu, "");
  fc.assert(
    fc.property(symbols, fc.string({ unit: "grapheme" }), (known, text) => {
      const found = new SymbolIndex(known).resolve(text);
      if (found === undefined) return;
      assert.ok(known.includes(found));
      assert.equal(letters(found), letters(text));
    }),
    { seed, numRuns: runs(500) },
  );
});
