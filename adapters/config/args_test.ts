import assert from "node:assert/strict";
import { HELP, readArguments } from "./args.ts";

Deno.test("every option in both of its spellings", () => {
  const expected = {
    help: false,
    version: false,
    checkHealth: false,
    permissions: false,
    config: "a.yaml",
    flags: { mode: "live", "server.port": 9000, "server.host": "::1", logLevel: "debug" },
    problems: [],
  };
  const values = { config: "a.yaml", mode: "live", port: "9000", host: "::1", "log-level": "debug" };
  const joined = Object.entries(values).map(([name, value]) => `--${name}=${value}`);
  const apart = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
  assert.deepEqual(readArguments(joined), expected);
  assert.deepEqual(readArguments(apart), expected);
});

Deno.test("dashes before the options, as npm wants them, change nothing", () => {
  assert.deepEqual(readArguments(["--", "--port", "9000"]).flags, { "server.port": 9000 });
  assert.equal(readArguments(["--", "--version"]).version, true);
  assert.deepEqual(readArguments(["--", "now"]).problems, ["now: Unknown argument; see --help"]);
});

Deno.test("no arguments set nothing", () => {
  assert.deepEqual(readArguments([]), {
    help: false,
    version: false,
    checkHealth: false,
    permissions: false,
    config: undefined,
    flags: {},
    problems: [],
  });
});

Deno.test("help, version and health are asked for, also in short", () => {
  assert.equal(readArguments(["--help"]).help, true);
  assert.equal(readArguments(["-h"]).help, true);
  assert.equal(readArguments(["--version"]).version, true);
  assert.equal(readArguments(["--check-health"]).checkHealth, true);
  assert.deepEqual(readArguments(["--check-health=1"]).problems, ["--check-health: Takes no value"]);
  assert.deepEqual(readArguments(["--help=yes"]).problems, ["--help: Takes no value"]);
});

Deno.test("help names every option", () => {
  for (
    const name of [
      "mode",
      "port",
      "host",
      "config",
      "log-level",
      "check-health",
      "permissions",
      "help",
      "version",
    ]
  ) {
    assert.ok(HELP.includes(`--${name}`), name);
  }
});

Deno.test("unknown option is named with those that are known, and does not hide the next problem", () => {
  const { problems } = readArguments(["--bogus=1", "--prot", "80", "-x"]);
  assert.equal(problems.length, 4);
  assert.match(problems[0]!, /^--bogus: Unknown option; known: --config, --mode, --port, /);
  assert.match(problems[1]!, /^--prot: Unknown option/);
  assert.match(problems[2]!, /^80: Unknown argument/);
  assert.match(problems[3]!, /^-x: Unknown option/);
});

Deno.test("option without its value says how to give one", () => {
  for (const args of [["--port"], ["--port="], ["--port", ""], ["--port", "--host"]]) {
    const { problems, flags } = readArguments(args);
    assert.match(problems[0]!, /^--port: Needs a value, as in --port=VALUE/, args.join(" "));
    assert.deepEqual(flags, {});
  }
});

Deno.test("port that is no number is handed on as it is, for the check of the settings to refuse", () => {
  for (const port of ["abc", "80x", "-1", "8.5", "1e3", " 80"]) {
    assert.deepEqual(readArguments([`--port=${port}`]).flags, { "server.port": port });
  }
});

Deno.test("last one of repeated options counts", () => {
  assert.deepEqual(readArguments(["--port", "1", "--port=2"]).flags, { "server.port": 2 });
});

Deno.test("names that every object has are no options", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    assert.equal(readArguments([`--${name}=1`]).problems.length, 1, name);
  }
});
