import assert from "node:assert/strict";
import { problems, settings } from "./testing.ts";

const TOKEN = "0123456789abcdef";
const server = (given: Record<string, unknown>) => ({ yaml: JSON.stringify({ server: given }) });

Deno.test("a token has sixteen characters of ASCII or is none, and is never repeated", () => {
  assert.equal(settings(server({ adminToken: TOKEN })).server.adminToken, TOKEN);
  assert.equal(settings(server({ readToken: "" })).server.readToken, "");
  for (
    const wrong of [
      "short-secret",
      "secret with a space in it",
      "s\u00e9cret-s\u00e9cret-s\u00e9cret",
      1234567890123456,
      ["secret"],
    ]
  ) {
    for (const name of ["adminToken", "readToken"]) {
      const [problem, ...more] = problems(server({ [name]: wrong }));
      assert.match(
        problem!,
        new RegExp(`^server\\.${name}: Is (?:too short|not allowed as it is); use `, "u"),
      );
      assert.doesNotMatch(problem!, /secret|cret|1234/u);
      assert.deepEqual(more, []);
    }
  }
});

Deno.test("whoever may read gets no other rights by the same token", () => {
  const found = problems(server({ adminToken: TOKEN, readToken: TOKEN }));
  assert.equal(found.length, 1);
  assert.match(found[0]!, /^server\.adminToken: Is the same as server\.readToken; use another/u);
});

Deno.test("hosts are names without a port", () => {
  const { hosts } = settings(server({ hosts: ["prices.example.com", "market_flow", "x-1"] })).server;
  assert.deepEqual(hosts, ["prices.example.com", "market_flow", "x-1"]);
  for (const wrong of ["a:80", "http://a", "a/b", "", "-a", "a..b", "*.a", "a b", "[::1]"]) {
    assert.match(problems(server({ hosts: [wrong] }))[0]!, /^server\.hosts\.0: Is no host name; /u, wrong);
  }
  assert.match(problems(server({ hosts: ["a", "a"] }))[0]!, /each once/u);
  assert.match(problems(server({ hosts: "a" }))[0]!, /a list of host names/u);
});

Deno.test("origins are written as browsers write them", () => {
  const corsOrigins = ["https://a.example", "http://127.0.0.1:3000", "*"];
  assert.deepEqual(settings(server({ corsOrigins })).server.corsOrigins, corsOrigins);
  for (
    const wrong of [
      "a.example",
      "https://a.example/",
      "https://A.example",
      "https://a:443",
      "null",
      "ftp://a",
      "",
    ]
  ) {
    assert.match(
      problems(server({ corsOrigins: [wrong] }))[0]!,
      /^server\.corsOrigins\.0: Is no origin; /u,
      wrong,
    );
  }
});

Deno.test("proxies are addresses and blocks", () => {
  const trustedProxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];
  assert.deepEqual(settings(server({ trustedProxies })).server.trustedProxies, trustedProxies);
  assert.match(
    problems(server({ trustedProxies: ["nginx"] }))[0]!,
    /^server\.trustedProxies\.0: Is no IP address/u,
  );
});

Deno.test("lists of the server come from the environment with commas", () => {
  const env = {
    MARKETFLOW_SERVER_HOSTS: "a.example, b.example",
    MARKETFLOW_SERVER_TRUSTEDPROXIES: "10.0.0.0/8",
  };
  const { hosts, trustedProxies } = settings({ env }).server;
  assert.deepEqual([hosts, trustedProxies], [["a.example", "b.example"], ["10.0.0.0/8"]]);
});

Deno.test("any setting may come from a file that its variable names, without the line break at its end", () => {
  const given = settings({
    yaml: "server: { adminToken: from-the-settings }",
    env: { MARKETFLOW_SERVER_ADMINTOKEN_FILE: "/run/token", MARKETFLOW_PORT_FILE: "/run/port" },
    files: { "/run/token": `${TOKEN}\n`, "/run/port": "81\r\n" },
  });
  assert.deepEqual([given.server.adminToken, given.server.port], [TOKEN, 81]);
});

Deno.test("a file of a setting that cannot be read or is empty is named with its variable, and so are two that contradict", () => {
  const missing = problems({ env: { MARKETFLOW_HISTORY_URL_FILE: "/run/none" } });
  assert.match(missing[0]!, /^MARKETFLOW_HISTORY_URL_FILE: Cannot be read: .*\/run\/none/u);
  const empty = problems({
    env: { MARKETFLOW_SERVER_READTOKEN_FILE: "/run/token" },
    files: { "/run/token": "\n" },
  });
  assert.deepEqual(empty, ["MARKETFLOW_SERVER_READTOKEN_FILE: /run/token is empty"]);
  const both = problems({
    env: { MARKETFLOW_MODE: "live", MARKETFLOW_MODE_FILE: "/run/mode" },
    files: { "/run/mode": "test" },
  });
  assert.deepEqual(both, ["MARKETFLOW_MODE: Is set, and MARKETFLOW_MODE_FILE too; leave one of them out"]);
});

Deno.test("no password and no key of an address is repeated in a problem", () => {
  const marker = "hunter2secret";
  const found = problems({
    yaml: JSON.stringify({
      cache: { url: { [`redis://u:${marker}@h`]: 1 } },
      history: { url: [`postgres://u:${marker}@h/db`] },
      venues: { okx: { wsUrl: `https://u:${marker}@relay.example/${marker}?key=${marker}` } },
    }),
    env: {
      MARKETFLOW_VENUES_UNISWAP_V3_WSURL: `[wss://node.example/${marker}`,
      MARKETFLOW_CHANNEL_CAPACITY: "{",
    },
  });
  assert.equal(found.length, 5, found.join("\n"));
  assert.doesNotMatch(found.join("\n"), new RegExp(marker, "u"));
  assert.match(found.join("\n"), /venues\.okx\.wsUrl: "https:\/\/relay\.example…" is not allowed/u);
});
