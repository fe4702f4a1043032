import assert from "node:assert/strict";
import { parse } from "yaml";
import { envName } from "./config.ts";
import { defaults } from "./defaults.ts";
import { at, pathsOf } from "./layers.ts";
import { type Given, problems, readText, settings } from "./testing.ts";

Deno.test("without anything the settings are the defaults, and those are valid", () => {
  assert.deepEqual(settings({}), defaults);
  assert.deepEqual(settings({ yaml: "" }), defaults);
  assert.deepEqual(settings({ yaml: "# nothing\n" }), defaults);
});

Deno.test("config.yaml has every setting at its default", () => {
  const text = readText("config.yaml");
  assert.deepEqual(parse(text), defaults);
  assert.deepEqual(settings({ yaml: text }), defaults);
});

Deno.test("config.yaml has a comment for every setting, or for the section or the lines that it stands with", () => {
  const lines = readText("config.yaml").split("\n");
  const listed: string[] = [];
  const uncommented: string[] = [];
  const stack: { indent: number; key: string; commented: boolean }[] = [];
  for (const [at, line] of lines.entries()) {
    const key = /^( *)([A-Za-z0-9-]+):/.exec(line);
    if (key === null) continue;
    const indent = key[1]!.length;
    let commented = /^ *#/.test(lines[at - 1] ?? "");
    while (stack.length > 0 && stack.at(-1)!.indent >= indent) {
      const before = stack.pop()!;
      if (before.indent === indent && lines[at - 1] !== "") commented ||= before.commented;
    }
    commented ||= stack.at(-1)?.commented ?? false;
    stack.push({ indent, key: key[2]!, commented });
    const path = stack.map((one) => one.key).join(".");
    listed.push(path);
    if (pathsOf(defaults).includes(path) && !commented) uncommented.push(path);
  }
  assert.deepEqual(pathsOf(defaults).filter((path) => !listed.includes(path)), [], "every path is listed");
  assert.deepEqual(uncommented, []);
});

Deno.test("emulated.yaml is valid: live mode, every venue on this machine", () => {
  const { mode, venues } = settings({ yaml: readText("emulated.yaml") });
  assert.equal(mode, "live");
  for (const id of ["bybit", "okx", "gateio", "kraken"] as const) {
    assert.equal(venues[id].enabled, true);
    assert.equal(new URL(venues[id].wsUrl).hostname, "127.0.0.1");
    assert.equal(new URL(venues[id].restUrl).hostname, "127.0.0.1");
    assert.equal(new URL(venues[id].wsUrl).pathname, new URL(defaults.venues[id].wsUrl).pathname, id);
  }
  assert.equal(venues.ndjson.enabled, true);
});

/** For each kind of value: a setting, what the file, the environment and the flag say, and what that means. */
const KINDS: [path: string, file: string, env: string, flag: unknown, values: [unknown, unknown, unknown]][] =
  [
    ["mode", "live", "test", "live", ["live", "test", "live"]],
    ["server.host", "0.0.0.0", "::", "localhost", ["0.0.0.0", "::", "localhost"]],
    ["server.port", "1", "2", 3, [1, 2, 3]],
    ["logLevel", "debug", "error", "warning", ["debug", "error", "warning"]],
    ["dataDir", "'5'", "5", "7", ["5", "5", "7"]],
    ["screener.minNetBps", "-1.5", "2.5", 3, [-1.5, 2.5, 3]],
    ["venues.okx.enabled", "false", "true", false, [false, true, false]],
    ["venues.okx.wsUrl", "ws://a/", "ws://b/", "ws://c/", ["ws://a/", "ws://b/", "ws://c/"]],
    ["symbols", "[A-B]", "C-D, E-F", ["G-H"], [["A-B"], ["C-D", "E-F"], ["G-H"]]],
    [
      "venues.ndjson.sources",
      "{a: 'h:1'}",
      "{b: 'h:2'}",
      { c: "h:3" },
      [{ a: "h:1" }, { b: "h:2" }, { c: "h:3" }],
    ],
  ];

Deno.test("flag beats the environment, which beats the file, which beats the default, for every kind of value", () => {
  for (const [path, fileValue, envValue, flag, [file, env, flagged]] of KINDS) {
    const value = (given: Given) => at(settings(given), path.split("."));
    const keys = path.split(".");
    const yaml = keys.map((key, depth) => `${"  ".repeat(depth)}${key}:`).join("\n") + ` ${fileValue}\n`;
    const given = { yaml, env: { [envName(path)]: envValue }, flags: { [path]: flag } };
    assert.deepEqual(value({}), at(defaults, keys), path);
    assert.deepEqual(value({ yaml }), file, `${path} of the file`);
    assert.deepEqual(value({ yaml, env: given.env }), env, `${path} of the environment`);
    assert.deepEqual(value(given), flagged, `${path} of the flag`);
    assert.deepEqual(value({ yaml, flags: given.flags }), flagged, `${path} of the flag over the file`);
  }
});

Deno.test("environment sets every path by its name, and each name belongs to one path", () => {
  const paths = pathsOf(defaults);
  assert.ok(paths.length > 30);
  const names = paths.map(envName);
  assert.equal(new Set(names).size, paths.length);
  assert.equal(envName("server.stream.maxClients"), "MARKETFLOW_SERVER_STREAM_MAXCLIENTS");
  const env: Record<string, string> = {};
  for (const path of paths) {
    const value = at(defaults, path.split("."));
    env[envName(path)] = typeof value === "string" ? value : JSON.stringify(value);
  }
  // What is set for every path changes nothing, except that it is set: the same values again.
  assert.deepEqual(settings({ yaml: "mode: live\nserver: {port: 1}", env }), defaults);
});

Deno.test("settings that are flags have short names in the environment; the long name wins", () => {
  const short = { MARKETFLOW_PORT: "1", MARKETFLOW_HOST: "h", MARKETFLOW_LOG_LEVEL: "error" };
  const { server, logLevel } = settings({ env: short });
  assert.deepEqual([server.port, server.host, logLevel], [1, "h", "error"]);
  assert.equal(settings({ env: { ...short, MARKETFLOW_SERVER_PORT: "2" } }).server.port, 2);
});

Deno.test("empty variable is not set, whatever the kind of value", () => {
  const env = Object.fromEntries(pathsOf(defaults).map((path) => [envName(path), ""]));
  assert.deepEqual(settings({ env: { ...env, MARKETFLOW_PORT: "5" } }).server.port, 5);
  assert.deepEqual(settings({ env }), defaults);
});

Deno.test("symbols of the environment are a list in YAML or names with commas", () => {
  for (const text of ["A-B,C-D", " A-B , C-D ", "[A-B, C-D]", '["A-B","C-D"]']) {
    assert.deepEqual(settings({ env: { MARKETFLOW_SYMBOLS: text } }).symbols, ["A-B", "C-D"], text);
  }
});

Deno.test("every problem is told at once, each with its path, its value and what is allowed", () => {
  const found = problems({
    yaml: `
mode: production
server: { port: 70000, host: "" }
logLevel: loud
symbols: [BTC-USDT, btcusdt, 7]
venues:
  okx: { enabled: maybe, wsUrl: https://x, restUrl: ws://x, takerFeeBps: lots }
  ndjson: { sources: { okx: "h:1", fine: nowhere } }
screener: { minNetBps: .nan, hysteresisBps: -1 }
test: { seed: 1.5 }
channel: { capacity: 1 }
supervisor: 5
`,
    env: { MARKETFLOW_SERVER_STREAM_MAXCLIENTS: "0" },
    flags: { dataDir: "" },
  });
  assert.deepEqual(found.sort(), [
    "channel.capacity: 1 is not allowed; use a whole number from 2 to 1048576",
    'dataDir: "" is not allowed; use a folder',
    'logLevel: "loud" is not allowed; use debug, info, warning or error',
    'mode: "production" is not allowed; use live or test',
    "screener.hysteresisBps: -1 is not allowed; use a number from 0 to 10000",
    "screener.minNetBps: NaN is not allowed; use a number from -10000 to 1000000",
    'server.host: "" is not allowed; use a host name or address',
    "server.port: 70000 is not allowed; use a whole number from 0 to 65535",
    "server.stream.maxClients: 0 is not allowed; use a whole number from 1 to 100000",
    "supervisor: 5 is not allowed; use settings by name, as in config.yaml",
    'symbols.1: "btcusdt" is not allowed; use BASE-QUOTE in upper case, for example BTC-USDT',
    "symbols.2: 7 is not allowed; use BASE-QUOTE in upper case, for example BTC-USDT",
    "test.seed: 1.5 is not allowed; use a whole number from 0 to 4294967295",
    'venues.ndjson.sources.fine: "nowhere" is not allowed; use host:port with a port from 1 to 65535, for example 127.0.0.1:40101',
    `venues.ndjson.sources.okx: "okx" is not allowed; use a name that is not a venue's`,
    'venues.okx.enabled: "maybe" is not allowed; use true or false',
    'venues.okx.restUrl: "ws://x" is not allowed; use an address that begins with http:// or https://',
    'venues.okx.takerFeeBps: "lots" is not allowed; use a number from -100 to 1000',
    'venues.okx.wsUrl: "https://x" is not allowed; use an address that begins with ws:// or wss://',
  ]);
});

Deno.test("unknown settings are named with those that are known there, in every section", () => {
  const found = problems({ yaml: "prot: 1\nserver: { prot: 2 }\nvenues: { binance: {}, okx: { key: x } }" });
  assert.equal(found.length, 4);
  const [okx, venues, server, root] = ["venues.okx.key", "venues.binance", "server.prot", "prot"]
    .map((path) => found.find((problem) => problem.startsWith(`${path}: Unknown setting`)));
  assert.match(root!, /known here: mode, server, logLevel, /);
  assert.match(server!, /known here: host, port, hosts, .*, stream$/);
  assert.match(venues!, /known here: bybit, okx, gateio, kraken, ndjson, uniswap-v2, .*; a further venue of/);
  assert.match(okx!, /known here: enabled, wsUrl, restUrl, takerFeeBps$/);
});

Deno.test("names that every object has are unknown settings like others", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    assert.match(problems({ yaml: `${name}: { mode: live }` })[0]!, new RegExp(`^${name}: Unknown setting`));
  }
});

Deno.test("numbers in quotes, and text where a number belongs, are refused in a file", () => {
  assert.match(problems({ yaml: "server: { port: '8080' }" })[0]!, /^server.port: "8080" is not allowed/);
  assert.match(problems({ flags: { "server.port": "abc" } })[0]!, /^server.port: "abc" is not allowed/);
  assert.match(problems({ env: { MARKETFLOW_PORT: "abc" } })[0]!, /^server.port: "abc" is not allowed/);
  for (const port of [NaN, Infinity, -Infinity]) {
    assert.match(
      problems({ flags: { "server.port": port } })[0]!,
      new RegExp(`^server.port: ${port} is not`),
    );
  }
});

Deno.test("the same problem is told once", () => {
  const found = problems({ yaml: "server: { port: 99999999999999999999 }" });
  assert.deepEqual(found, [
    "server.port: 100000000000000000000 is not allowed; use a whole number from 0 to 65535",
  ]);
});

Deno.test("symbols must be there, each once, and not too many", () => {
  assert.match(problems({ yaml: "symbols: []" })[0]!, /at least one symbol$/);
  assert.match(problems({ yaml: "symbols: [A-B, C-D, A-B]" })[0]!, /each symbol once$/);
  const many = Array.from({ length: 2001 }, (_, at) => `S${at}-X`);
  const [problem] = problems({ flags: { symbols: many } });
  assert.match(problem!, /at most 2000 symbols$/);
  assert.ok(problem!.length < 200, "a long value is cut");
});

Deno.test("sources must have names, and addresses with a port; brackets hold an IPv6 address", () => {
  const source = (text: string) => ({ flags: { "venues.ndjson.sources": { a: text } } });
  for (const text of ["127.0.0.1:1", "host:65535", "a.b-c:80", "[::1]:40101"]) settings(source(text));
  for (
    const text of [
      "",
      "host",
      "host:",
      ":1",
      "host:0",
      "host:65536",
      "host:1x",
      "::1:80",
      "h h:1",
      "http://h:1",
    ]
  ) {
    assert.match(problems(source(text))[0]!, /^venues.ndjson.sources.a: /, text);
  }
  assert.match(problems({ yaml: "venues: { ndjson: { sources: {} } }" })[0]!, /at least one source$/);
});

Deno.test("empty section is one that was not set", () => {
  for (
    const yaml of [
      "server:\n",
      "server: null",
      "venues:\n  okx:\n",
      "venues: { ndjson: { sources: null } }",
      "mode: ~",
    ]
  ) {
    assert.deepEqual(settings({ yaml }), defaults, yaml);
  }
});

Deno.test("what is not YAML is told with its line, all of it", () => {
  assert.deepEqual(problems({ yaml: "mode: live\nserver:\n\tport: 1\n" }), [
    "my.yaml: Not YAML: Tabs are not allowed as indentation at line 3, column 1",
  ]);
  const found = problems({ yaml: "mode: live\nmode: test\nserver: { port: 1, port: 2 }\n" });
  assert.deepEqual(found, [
    "my.yaml: Not YAML: Map keys must be unique at line 2, column 1",
    "my.yaml: Not YAML: Map keys must be unique at line 3, column 20",
  ]);
  assert.match(problems({ yaml: "server: [1\n" })[0]!, /^my\.yaml: Not YAML: .* at line \d+, column \d+$/);
  assert.match(problems({ yaml: "mode: live\n---\nmode: test" })[0]!, /^my\.yaml: Not YAML: .* at line 2/);
  assert.match(
    problems({ yaml: "mode: !secret live" })[0]!,
    /^my\.yaml: Not YAML: Unresolved tag: !secret at line 1/,
  );
  assert.match(problems({ yaml: "mode: *nowhere" })[0]!, /^my\.yaml: Not YAML: Unresolved alias.*nowhere/);
});

Deno.test("file that is not settings by name says so", () => {
  for (const yaml of ["- a\n- b", "hello", "5"]) {
    assert.match(problems({ yaml })[0]!, /^my\.yaml: Not a list of settings; use «name: value» lines/);
  }
});

Deno.test("problems of the file do not hide those of environment and flags", () => {
  const found = problems({
    yaml: "mode: [",
    env: { MARKETFLOW_SYMBOLS: "[A-B", MARKETFLOW_PORT: "x" },
    flags: { logLevel: "loud" },
  });
  assert.equal(found.length, 4);
  assert.ok(found.some((problem) => problem.startsWith('MARKETFLOW_SYMBOLS: "[A-B" is not allowed')));
});

Deno.test("of an address that is wrong the host is shown, and nothing where a password may be taken for it", () => {
  const shown = (wsUrl: string) =>
    problems({ flags: { "venues.bybit.wsUrl": wsUrl } })[0]!.split(" is not")[0];
  assert.equal(shown("wsx://user:secret@host:81/secret?secret"), 'venues.bybit.wsUrl: "wsx://host:81…"');
  for (const end of ["/", "?", "#", "/ secret ", "/secret@"]) {
    assert.equal(shown(`wsx://user:secret${end}secret@host/secret`), 'venues.bybit.wsUrl: "wsx://…"', end);
  }
});

Deno.test("what is wrong with the addresses of cache and history is said with all the rest, without passwords", () => {
  const said = problems({
    yaml: "history: { url: 'postgres://u:secret@h/d?sslmode=foo' }\nserver: { port: many }",
    env: { MARKETFLOW_CACHE_URL: "redis://:secret@h/database" },
  });
  assert.equal(said.length, 3);
  assert.match(said.join("\n"), /^history\.url: PostgreSQL has no sslmode foo: write one of/m);
  assert.match(said.join("\n"), /^cache\.url: The URL of Redis is not of the form/m);
  assert.match(said.join("\n"), /^server\.port: "many" is not allowed; use a whole number/m);
  assert.doesNotMatch(said.join("\n"), /secret/);
  for (const url of ["postgres://h/d?sslrootcert=/none.pem", "postgres://u:p%zz@h/d", "mysql://h/d"]) {
    assert.match(problems({ flags: { "history.url": url } }).join("\n"), /^history\.url: [A-Z]/);
  }
});
