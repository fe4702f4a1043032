import assert from "node:assert/strict";
import { historyKind, historyUrlProblem, redact } from "./url.ts";

Deno.test("an address says which history it is", () => {
  assert.equal(historyKind("postgres://h/d"), "postgres");
  assert.equal(historyKind("postgresql://h/d"), "postgres");
  assert.equal(historyKind("sqlite:history.db"), "sqlite");
  for (const url of ["sqlite:", "mysql://h/d", "", "postgres:h"]) assert.equal(historyKind(url), undefined);
});

Deno.test("what is wrong with an address of a history is a sentence without the password", () => {
  for (const url of ["postgres://", "postgres://u:p@h:1/d?sslmode=require", "sqlite:history.db"]) {
    assert.equal(historyUrlProblem(url), undefined);
  }
  const wrong: [string, RegExp][] = [
    ["postgres://u:secret@h/d?sslmode=foo", /no sslmode foo: write one of/],
    ["postgres://u:secret@h/d?sslrootcert=/none.pem", /cannot be read from \/none\.pem/],
    ["postgres://u:secret%zz@h/d", /write %25/],
    ["postgres://u:secret@a:1,b:2/d", /write postgres:/],
    ["mysql://u:secret@h/d", /write postgres:.*or sqlite:FILE/],
    ["sqlite:secret?mode=ro", /neither \? nor #/],
  ];
  for (const [url, words] of wrong) {
    const problem = historyUrlProblem(url)!;
    assert.match(problem, words);
    assert.doesNotMatch(problem, /secret/);
  }
});

Deno.test("a shown address has no password, wherever it stands", () => {
  assert.equal(
    redact("postgres://user:p%40ss@host:5432/db?sslmode=require"),
    "postgres://user@host:5432/db?sslmode=require",
  );
  assert.equal(redact("postgres://user:with:colon@host/db"), "postgres://user@host/db");
  assert.equal(redact("postgres://user:with@at@host/db"), "postgres://user@host/db");
  assert.equal(
    redact("postgres://host/db?sslkey=a&sslpassword=secret"),
    "postgres://host/db?sslkey=a&sslpassword=…",
  );
  assert.equal(
    redact("postgres://host/db?password=secret&sslmode=require"),
    "postgres://host/db?password=…&sslmode=require",
  );
  assert.equal(redact("postgres://user@host/db"), "postgres://user@host/db");
  assert.equal(redact("sqlite:data/history.db"), "sqlite:data/history.db");
});
