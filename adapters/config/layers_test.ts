import assert from "node:assert/strict";
import { at, layer, pathsOf, treeOf } from "./layers.ts";

Deno.test("upper layer wins leaf by leaf, and what it does not name shines through", () => {
  assert.deepEqual(
    layer({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 4 }, e: 5 }),
    { a: 1, b: { c: 2, d: 4 }, e: 5 },
  );
});

Deno.test("lists are replaced whole, and so are maps whose keys the user chooses", () => {
  assert.deepEqual(layer({ symbols: ["A-B", "C-D"] }, { symbols: ["E-F"] }), { symbols: ["E-F"] });
  const sources = (map: Record<string, string>) => ({ venues: { ndjson: { sources: map } } });
  assert.deepEqual(layer(sources({ a: "1", b: "2" }), sources({ c: "3" })), sources({ c: "3" }));
});

Deno.test("null and undefined mean «not set», for a leaf and for a section", () => {
  assert.deepEqual(layer({ a: 1, b: { c: 2 } }, { a: null, b: null, d: undefined }), { a: 1, b: { c: 2 } });
});

Deno.test("leaf over a section and a section over a leaf stay visible, for the check to refuse", () => {
  assert.deepEqual(layer({ a: { b: 1 } }, { a: 5 }), { a: 5 });
  assert.deepEqual(layer({ a: 5 }, { a: { b: 1 } }), { a: { b: 1 } });
});

Deno.test("layers below are not changed", () => {
  const under = { a: { b: 1 } };
  layer(under, { a: { b: 2 } });
  assert.deepEqual(under, { a: { b: 1 } });
});

Deno.test("paths name leaves, lists and open maps", () => {
  const tree = { a: 1, b: { c: [1, 2], d: {} }, venues: { ndjson: { sources: { x: "h:1" } } } };
  assert.deepEqual(pathsOf(tree), ["a", "b.c", "venues.ndjson.sources"]);
});

Deno.test("tree of a path has its value at that path, and nothing is at others", () => {
  assert.deepEqual(treeOf("a.b.c", 7), { a: { b: { c: 7 } } });
  assert.equal(at(treeOf("a.b.c", 7), ["a", "b", "c"]), 7);
  for (const path of [["a", "x", "c"], ["a", "b", "c", "d", "e"], ["z"]]) {
    assert.equal(at(treeOf("a.b.c", 7), path), undefined);
  }
});
