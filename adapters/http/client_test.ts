import assert from "node:assert/strict";
import { clientOf } from "./client.ts";
import { groupOf, networkProblem, Networks, plainAddress } from "./networks.ts";

const NOBODY = new Networks([]);
const PROXIES = new Networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

function asked(peer: string, headers: Record<string, string> = {}, trusted = PROXIES) {
  const { address, local, secure } = clientOf(peer, new Headers(headers), trusted);
  return `${address}${local ? " local" : ""}${secure ? " secure" : ""}`;
}
const forwarded = (hops: string, peer = "127.0.0.1") => asked(peer, { "x-forwarded-for": hops });

Deno.test("without proxies the peer is the client, and local on loopback", () => {
  assert.equal(asked("127.0.0.1", {}, NOBODY), "127.0.0.1 local");
  assert.equal(asked("127.8.9.1", {}, NOBODY), "127.8.9.1 local");
  assert.equal(asked("::1", {}, NOBODY), "::1 local");
  assert.equal(asked("::ffff:127.0.0.1", {}, NOBODY), "127.0.0.1 local");
  assert.equal(asked("::ffff:192.0.2.1", {}, NOBODY), "192.0.2.1");
  assert.equal(asked("fe80::1%eth0", {}, NOBODY), "fe80::1");
  assert.equal(asked("192.0.2.1", {}, NOBODY), "192.0.2.1");
});

Deno.test("a peer on loopback that forwards for somebody is not local, and its words are not believed", () => {
  for (
    const name of ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host", "CF-Connecting-IP"]
  ) {
    assert.equal(asked("127.0.0.1", { [name]: "127.0.0.1" }, NOBODY), "127.0.0.1", name);
  }
  assert.equal(
    asked("192.0.2.1", { "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https" }),
    "192.0.2.1",
  );
});

Deno.test("behind trusted proxies the rightmost address that is not theirs is the client's", () => {
  assert.equal(forwarded("192.0.2.7"), "192.0.2.7");
  assert.equal(forwarded("127.0.0.1, 192.0.2.7"), "192.0.2.7", "who writes into it himself gains nothing");
  assert.equal(forwarded("8.8.8.8, 192.0.2.7, 10.1.1.1, fd00::7"), "192.0.2.7");
  assert.equal(forwarded("192.0.2.7:4000"), "192.0.2.7");
  assert.equal(forwarded("[2001:db8::1]:4000"), "2001:db8::1");
  assert.equal(forwarded("10.1.1.1,10.1.1.2"), "10.1.1.1", "a client inside is inside");
  assert.equal(forwarded("127.0.0.1"), "127.0.0.1 local");
});

Deno.test("a client is on this machine only where all proxies before it are", () => {
  assert.equal(forwarded("127.0.0.1, 127.0.0.1"), "127.0.0.1 local");
  assert.equal(forwarded("::1", "10.0.0.1"), "::1", "on the machine of the proxy");
  // 10.0.0.9 is in a block that is trusted, and wrote the first address himself.
  assert.equal(forwarded("127.0.0.1, 10.0.0.9"), "127.0.0.1");
});

Deno.test("a trusted proxy that forwards for nobody asks for itself", () => {
  assert.equal(asked("127.0.0.1"), "127.0.0.1 local");
  assert.equal(asked("127.0.0.1", { via: "1.1 proxy" }), "127.0.0.1");
  assert.equal(asked("10.0.0.1"), "10.0.0.1");
});

Deno.test("a trusted proxy says whether the client speaks TLS with it", () => {
  const proto = (value: string) =>
    asked("10.0.0.1", { "x-forwarded-for": "192.0.2.7", "x-forwarded-proto": value });
  assert.equal(proto("https"), "192.0.2.7 secure");
  assert.equal(proto("http, HTTPS"), "192.0.2.7 secure");
  assert.equal(proto("https, http"), "192.0.2.7");
  assert.equal(proto("\u00ff"), "192.0.2.7");
});

Deno.test("rubbish in place of an address makes nobody local", () => {
  for (
    const hops of [
      "",
      ",",
      " ,, ",
      "unknown",
      "_hidden",
      "127.0.0.1;",
      "127.0.0.1 127.0.0.1",
      "0x7f.1",
      "127.1",
      "localhost",
      "[::1",
      "999.1.1.1",
      "127.0.0.1,",
      "::ffff:999.0.0.1",
      "__proto__",
      "1".repeat(10_000),
      "a,".repeat(5_000),
      "\u00ff\u00fe",
    ]
  ) assert.equal(forwarded(hops), "127.0.0.1", JSON.stringify(hops.slice(0, 40)));
  assert.equal(forwarded("127.0.0.1,".repeat(3_000) + "127.0.0.1"), "127.0.0.1 local");
});

Deno.test("a client whose connection is gone already is nobody", () => {
  assert.deepEqual(clientOf(undefined, new Headers(), PROXIES), {
    address: "unknown",
    group: "unknown",
    local: false,
    secure: false,
  });
});

Deno.test("addresses and blocks of both families are taken, and nothing else", () => {
  for (const entry of ["1.2.3.4", "10.0.0.0/8", "0.0.0.0/1", "::1", "fd00::/8", "2001:db8::/128"]) {
    assert.equal(networkProblem(entry), undefined, entry);
  }
  for (
    const entry of [
      "",
      "a",
      "1.2.3",
      "1.2.3.4/33",
      "0.0.0.0/0",
      "::/0",
      "1.2.3.4/",
      "1.2.3.4/8/8",
      "::/129",
      "::1/-1",
      "fe80::1%1",
      "/8",
    ]
  ) {
    assert.match(networkProblem(entry)!, /^Is (?:no IP address|every address)/u, entry);
    assert.throws(() => new Networks([entry]));
  }
  assert.equal(plainAddress("::FFFF:1.2.3.4"), "1.2.3.4");
  assert.equal(new Networks(["::/1"]).has("1.2.3.4"), false);
});

Deno.test("a /64 of IPv6 counts as one client, an address of IPv4 by itself", () => {
  assert.equal(groupOf("192.0.2.1"), "192.0.2.1");
  assert.equal(groupOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  assert.equal(groupOf("2001:db8:1:2::6"), "2001:db8:1:2::/64");
  assert.equal(groupOf("2001:0db8::6"), "2001:db8:0:0::/64");
  assert.equal(groupOf("::1"), "0:0:0:0::/64");
  assert.equal(groupOf("2001:db8:1:2:3::"), "2001:db8:1:2::/64");
  assert.equal(groupOf("64:ff9b::192.0.2.1"), "64:ff9b:0:0::/64");
  assert.equal(groupOf("unknown"), "unknown");
});
