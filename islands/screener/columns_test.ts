import assert from "node:assert/strict";
import { CHOICES, readColumns, writeColumns } from "./columns.ts";

Deno.test("columns survive the address in the order of the table, and all of them need no word", () => {
  assert.equal(writeColumns(readColumns("size,net")), "net,size");
  assert.equal(writeColumns(readColumns("")), "");
  assert.equal(writeColumns(readColumns(CHOICES.join())), "");
});

Deno.test("the symbol alone stands for no other column, and rubbish for all", () => {
  assert.deepEqual(readColumns("symbol"), []);
  assert.equal(writeColumns([]), "symbol");
  assert.deepEqual(readColumns("constructor,,nosuch"), CHOICES);
  assert.deepEqual(readColumns("net,nosuch,net"), ["net"]);
});
