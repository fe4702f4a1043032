import assert from "node:assert/strict";
import { nameOf, parseAddress } from "./address.ts";

const none = () => undefined;
const parse = (url: string, env: Record<string, string> = {}) =>
  parseAddress(url, (name) => env[name], (path) => `certificates of ${path}`);

Deno.test("an address of PostgreSQL names everything, decoded", () => {
  assert.deepEqual(
    parse("postgres://us%40er:p%2Fw:d@db.example:6543/my%20data?sslmode=verify-full&sslrootcert=/r.pem"),
    {
      host: "db.example",
      port: 6543,
      user: "us@er",
      password: "p/w:d",
      database: "my data",
      tls: "verify-full",
      rootCertificates: "certificates of /r.pem",
      applicationName: "marketflow",
    },
  );
});

Deno.test("what an address of PostgreSQL leaves out comes from libpq's variables, then from its defaults", () => {
  const env = {
    PGHOST: "h",
    PGPORT: "1",
    PGUSER: "u",
    PGPASSWORD: "p",
    PGDATABASE: "d",
    PGSSLMODE: "require",
  };
  const { host, port, user, password, database, tls } = parse("postgres://", env);
  assert.deepEqual([host, port, user, password, database, tls], ["h", 1, "u", "p", "d", "require"]);
  const plain = parseAddress("postgresql://", none);
  assert.deepEqual([plain.host, plain.port, plain.user, plain.database, plain.tls], [
    "localhost",
    5432,
    "postgres",
    "postgres",
    "prefer",
  ]);
});

Deno.test("an IPv6 host of PostgreSQL stands in brackets in the address and in errors", () => {
  const address = parse("postgres://[::1]:5433/d");
  assert.equal(address.host, "::1");
  assert.equal(nameOf(address), "[::1]:5433");
});

Deno.test("system certificates of PostgreSQL are always verified in full, as libpq does", () => {
  const { tls, rootCertificates } = parse("postgres://h/d?sslrootcert=system");
  assert.deepEqual([tls, rootCertificates], ["verify-full", undefined]);
});

Deno.test("an address of PostgreSQL that can never work is an error without the password", () => {
  const wrong = ["postgres://u:secret@a:1,b:2/d", "postgres://u:secret@h/d?sslmode=very"];
  for (const url of wrong) {
    assert.throws(
      () => parse(url),
      (error: Error) => /write/.test(error.message) && !/secret/.test(error.message),
    );
  }
  assert.throws(() => parse("postgres://u:se%zzcret@h/d"), (error: Error) => {
    return /write %25/.test(error.message) && !/cret/.test(error.message);
  });
  assert.throws(() => parse("postgres://h/d", { PGPORT: "many" }), /PGPORT is many/);
  const unreadable = () => {
    throw new Deno.errors.NotFound("no such file");
  };
  assert.throws(
    () => parseAddress("postgres://h/d?sslrootcert=/none.pem", none, unreadable),
    /cannot be read from/,
  );
});
