import assert from "node:assert/strict";
import { Crc32 } from "./crc32.ts";

function crc(fill: (crc: Crc32) => void): number {
  const made = new Crc32();
  fill(made);
  return made.value >>> 0;
}

Deno.test("crc32 gives the check value of the standard, in one piece or in many", () => {
  assert.equal(crc((c) => c.add("123456789")), 0xcbf43926);
  assert.equal(crc((c) => ["12", "", "3456", "789"].forEach((piece) => c.add(piece))), 0xcbf43926);
  assert.equal(crc(() => {}), 0);
});

Deno.test("crc32 of digits leaves out the dot and leading zeros, and keeps trailing ones", () => {
  const digits = (number: string) => crc((c) => c.addDigits(number));
  const text = (digits: string) => crc((c) => c.add(digits));
  assert.equal(digits("0.00044780"), text("44780"));
  assert.equal(digits("63005.0"), text("630050"));
  assert.equal(digits("10.01"), text("1001"));
  assert.equal(digits("0.00000000"), text(""));
});
