import assert from "node:assert/strict";
import { historyKind, openHistory, redact } from "./open.ts";

Deno.test("an address says which history it is", () => {
  assert.equal(historyKind("postgres://h/d"), "postgres");
  assert.equal(historyKind("postgresql://h/d"), "postgres");
  assert.equal(historyKind("sqlite:history.db"), "sqlite");
  for (const url of ["sqlite:", "mysql://h/d", "", "postgres:h"]) assert.equal(historyKind(url), undefined);
  assert.throws(
    () => openHistory("mysql://u:secret@h/d", { dataDir: "." }),
    /No history has the address mysql:\/\/u@h/,
  );
});

Deno.test("opening a history reaches for nothing", async () => {
  await openHistory("postgres://127.0.0.1:1/none", { dataDir: "." }).close();
  await openHistory("sqlite:/proc/none/history.db", { dataDir: "." }).close();
});

Deno.test("a shown address has no password, wherever it stands", () => {
  assert.equal(
    redact("postgres://user:p%40ss@host:5432/db?sslmode=require"),
    "postgres://user@host:5432/db?sslmode=require",
  );
  assert.equal(redact("postgres://user:with:colon@host/db"), "postgres://user@host/db");
  assert.equal(redact("postgres://user:with@at@host/db"), "postgres://user@host/db");
  assert.equal(
    redact("postgres://host/db?password=secret&sslmode=require"),
    "postgres://host/db?password=…&sslmode=require",
  );
  assert.equal(redact("postgres://user@host/db"), "postgres://user@host/db");
  assert.equal(redact("sqlite:data/history.db"), "sqlite:data/history.db");
});
