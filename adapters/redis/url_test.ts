import assert from "node:assert/strict";
import { parseRedisUrl, type RedisServer } from "./url.ts";

Deno.test("a URL names host, port, user, password and database", () => {
  assert.deepEqual(parseRedisUrl("redis://me:p%40ss%2F@db.example:7000/5"), {
    shown: "redis://me@db.example:7000/5",
    cluster: false,
    nodes: [{ host: "db.example", port: 7000 }],
    tls: undefined,
    username: "me",
    password: "p@ss/",
    database: 5,
  });
});

Deno.test("what a URL leaves out is as it is usual", () => {
  const server = parseRedisUrl("redis://localhost") as RedisServer;
  assert.deepEqual([server.nodes, server.database, server.username, server.password], [
    [{ host: "localhost", port: 6379 }],
    0,
    undefined,
    undefined,
  ]);
  assert.equal((parseRedisUrl("redis://:secret@[::1]:1") as RedisServer).nodes[0]!.host, "::1");
  assert.equal((parseRedisUrl("redis://localhost/") as RedisServer).database, 0);
});

Deno.test("TLS has a file of certificates, or none is checked", () => {
  assert.deepEqual((parseRedisUrl("rediss://h?ca=/etc/ca.pem") as RedisServer).tls, {
    caFile: "/etc/ca.pem",
    verify: true,
  });
  assert.deepEqual((parseRedisUrl("rediss://h/1?skip_verify=true") as RedisServer).tls, {
    caFile: undefined,
    verify: false,
  });
});

Deno.test("a cluster has one node or several", () => {
  const server = parseRedisUrl("rediss+cluster://:secret@a:7000,b,[::2]:7002") as RedisServer;
  assert.equal(server.cluster, true);
  assert.deepEqual(server.nodes, [{ host: "a", port: 7000 }, { host: "b", port: 6379 }, {
    host: "::2",
    port: 7002,
  }]);
  assert.equal(server.shown, "rediss+cluster://a:7000,b,[::2]:7002");
});

Deno.test("what is wrong with a URL is said, and never the password", () => {
  const wrong: Record<string, RegExp> = {
    "": /not of the form/,
    "http://h": /not of the form/,
    "redis:secret": /not of the form/,
    "redis://u:sec@ret@h": /not of the form/,
    "redis://:secret@h:0": /"h:0" .* is not host:port/,
    "redis://:secret@h:99999": /is not host:port/,
    "redis://:secret@a,b": /redis\+cluster:\/\//,
    "redis://:secret@h/one": /not of the form/,
    "redis+cluster://:secret@a/1": /no database numbers/,
    "redis://:secret@h?ca=x": /rediss/,
    "rediss://:secret@h?cert=x": /no option "cert"/,
    "redis://:%secret@h": /percent-encoded/,
  };
  for (const [url, says] of Object.entries(wrong)) {
    const problem = parseRedisUrl(url);
    assert.equal(typeof problem, "string", url);
    assert.match(problem as string, says);
    assert.doesNotMatch(problem as string, /secret/);
  }
});
