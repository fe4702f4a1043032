import assert from "node:assert/strict";
import { seeded } from "../../../tests/random.ts";
import { LineSplitter } from "./lines.ts";

function split(chunks: Iterable<Uint8Array>, most = 100): { lines: string[]; tooLong: number[] } {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const splitter = new LineSplitter(most, (line) => lines.push(line), (length) => tooLong.push(length));
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, tooLong };
}

function* cut(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = at + size();
    yield bytes.subarray(at, end);
    at = end;
  }
}

Deno.test("line splitter finds the same lines however the bytes are cut, in the middle of a character as well", () => {
  const expected = ['{"symbol":"Ω-USDT"}', "žluťoučký kůň 🐎", "x".repeat(100), '{"a":1}'];
  const bytes = new TextEncoder().encode(
    `${expected[0]}\n\n${expected[1]}\r\n${expected[2]}\n${expected[3]}\nrest`,
  );
  const random = seeded(3);
  for (let round = 0; round < 100; round++) {
    const { lines, tooLong } = split(cut(bytes, () => 1 + Math.floor(random() * (round + 1))));
    assert.deepEqual(lines, expected);
    assert.deepEqual(tooLong, []);
  }
});

Deno.test("line splitter reports a line that is too long once, with its length, and goes on after it", () => {
  const bytes = new TextEncoder().encode(
    `before\n${"y".repeat(101)}\nbetween\n${"z".repeat(5_000)}\nafter\n`,
  );
  for (const size of [1, 7, 64, 100_000]) {
    const { lines, tooLong } = split(cut(bytes, () => size));
    assert.deepEqual(lines, ["before", "between", "after"]);
    assert.deepEqual(tooLong, [101, 5_000]);
  }
});

Deno.test("line splitter keeps nothing of a line that never ends", () => {
  const chunk = new Uint8Array(1 << 20).fill(120);
  function* endless() {
    for (let n = 0; n < 256; n++) yield chunk;
    yield new TextEncoder().encode("\nok\n");
  }
  // Stops with an out-of-memory or a string-length error where it is kept: 256 MB in a string do not fit.
  const before = Deno.memoryUsage().heapUsed;
  const { lines, tooLong } = split(endless());
  assert.deepEqual(lines, ["ok"]);
  assert.deepEqual(tooLong, [256 * 2 ** 20]);
  assert(Deno.memoryUsage().heapUsed - before < 128 * 2 ** 20);
});
