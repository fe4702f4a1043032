import assert from "node:assert/strict";
import { tokenOf, Tokens } from "./tokens.ts";

const [ADMIN, READ] = ["admin-token-of-the-test", "read-token-of-the-test"];

Deno.test("a token is good for what it was given for, and nothing else is", () => {
  const tokens = new Tokens({ adminToken: ADMIN, readToken: READ });
  assert.equal(tokens.grantOf(ADMIN), "change");
  assert.equal(tokens.grantOf(READ), "read");
  for (const other of ["", ADMIN.slice(1), `${ADMIN} `, ADMIN.toUpperCase(), "\0", "\u00ff"]) {
    assert.equal(tokens.grantOf(other), undefined);
  }
});

Deno.test("a token that is not set is nobody's, the empty one neither", () => {
  const tokens = new Tokens({ adminToken: "", readToken: "" });
  assert.equal(tokens.grantOf(""), undefined);
  assert.deepEqual([tokens.needed("change"), tokens.needed("read")], [false, false]);
  assert.deepEqual(new Tokens({ adminToken: ADMIN, readToken: "" }).needed("read"), false);
});

Deno.test("a token comes as Bearer, or as the password of Basic with any user", () => {
  const basic = (text: string) => `Basic ${btoa(text)}`;
  assert.equal(tokenOf(`Bearer ${READ}`), READ);
  assert.equal(tokenOf(`bearer   ${READ} `), READ);
  assert.equal(tokenOf(basic(`:${READ}`)), READ);
  assert.equal(tokenOf(basic(`user:${READ}`)), READ);
  assert.equal(tokenOf(basic("user:with:colons")), "with:colons");
  for (
    const rubbish of ["", "Basic", "Basic !", "Basic ////", basic("no colon"), "Digest a", READ, "Bearer"]
  ) {
    assert.ok([undefined, ""].includes(tokenOf(rubbish)), rubbish);
  }
});
