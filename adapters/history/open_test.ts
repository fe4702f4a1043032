import assert from "node:assert/strict";
import { openHistory } from "./open.ts";

Deno.test("no history is opened for an address of another kind", () => {
  assert.throws(
    () => openHistory("mysql://u:secret@h/d", { dataDir: "." }),
    /No history has the address mysql:\/\/u@h/,
  );
});

Deno.test("opening a history reaches for nothing", async () => {
  await openHistory("postgres://127.0.0.1:1/none", { dataDir: "." }).close();
  await openHistory("sqlite:/proc/none/history.db", { dataDir: "." }).close();
});
