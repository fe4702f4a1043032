import assert from "node:assert/strict";
import {
  isDecimal,
  levelsOf,
  malformed,
  nameOf,
  parseObject,
  reasonOf,
  requestIdOf,
  sideOf,
  wholeOf,
} from "./json.ts";

Deno.test("only an object is parsed as one", () => {
  assert.deepEqual(parseObject('{"a":1}'), { a: 1 });
  for (const other of ["", "[1]", "null", "5", "{", "pong"]) assert.equal(parseObject(other), undefined);
});

Deno.test("decimal text has digits, at most one dot between them and perhaps an exponent", () => {
  for (const text of ["0", "0.00", "63005.0", "1e-08", "5.33E-4", "1e+3"]) assert.ok(isDecimal(text), text);
  const others = [
    "",
    ".5",
    "5.",
    "-1",
    "+1",
    " 1",
    "1 ",
    "0x10",
    "1.2.3",
    "1,5",
    "NaN",
    "Infinity",
    "١",
    5,
    null,
  ];
  for (const other of others) assert.ok(!isDecimal(other), String(other));
});

Deno.test("levels are pairs of decimal text, whatever follows in them", () => {
  assert.deepEqual(levelsOf([["1", "2", 0, "x"]]), [["1", "2", 0, "x"]]);
  assert.deepEqual(levelsOf([]), []);
  assert.deepEqual(levelsOf(null), [], "an empty side");
  for (const other of [undefined, {}, "x", [1], [["1"]], [["1", 2]], [["-1", "2"]]]) {
    assert.equal(levelsOf(other), undefined, JSON.stringify(other));
  }
});

Deno.test("side of a ticker is a level, none where price or size is empty, and unknown where it is no number", () => {
  assert.deepEqual(sideOf("1", "2"), ["1", "2"]);
  assert.equal(sideOf("", ""), null);
  assert.equal(sideOf(null, "2"), null);
  for (const price of [undefined, 1, "x"]) assert.equal(sideOf(price, "2"), undefined);
  assert.equal(sideOf("1", ""), null);
  assert.equal(sideOf("1", null), null);
  for (const size of [undefined, 1, "x"]) assert.equal(sideOf("1", size), undefined);
});

Deno.test("whole numbers are read from numbers and text, as far as a double is exact", () => {
  assert.equal(wholeOf(5), 5);
  assert.equal(wholeOf("1652459224956"), 1652459224956);
  assert.equal(wholeOf("-1"), -1);
  for (const other of [1.5, "1.5", "", " 1", NaN, 2 ** 53, "9007199254740993", null, undefined, {}, []]) {
    assert.equal(wholeOf(other), undefined, String(other));
  }
});

Deno.test("names, ids and reasons are text that is not empty", () => {
  assert.deepEqual([nameOf("x"), nameOf(""), nameOf(5)], ["x", undefined, undefined]);
  assert.deepEqual([requestIdOf("x"), requestIdOf(5), requestIdOf(""), requestIdOf({})], [
    "x",
    "5",
    null,
    null,
  ]);
  assert.deepEqual([reasonOf("x", "-"), reasonOf(5, "-"), reasonOf("", "-"), reasonOf({}, "-")], [
    "x",
    "5",
    "-",
    "-",
  ]);
});

Deno.test("reasons are cut, so that no frame fills the log", () => {
  const event = malformed("x".repeat(10_000));
  assert.ok(event.kind === "malformed" && event.reason.length <= 300);
  assert.ok(reasonOf("x".repeat(10_000), "").length <= 300);
});
