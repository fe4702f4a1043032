import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

function options(...args: string[]) {
  const parsed = parseOptions(args);
  assert("options" in parsed, JSON.stringify(parsed));
  return parsed.options;
}

Deno.test("options have the documented defaults", () => {
  const { seed, symbols, rate, ports, speed, chain, blockMs, anvil } = options();
  assert.deepEqual([seed, symbols.length, rate, speed], [1, 12, undefined, 1]);
  assert.deepEqual([chain, blockMs, anvil], [true, 2000, undefined]);
  assert.deepEqual(ports, {
    control: 40200,
    bybit: 40201,
    okx: 40202,
    gateio: 40203,
    kraken: 40204,
    chain: 40205,
    exchange1: 40101,
    exchange2: 40102,
    exchange3: 40103,
  });
});

Deno.test("options take a base port and single ports over it", () => {
  const { ports } = options("--base-port", "50000", "--ports", "okx=0,exchange1=7001");
  assert.deepEqual([ports.bybit, ports.okx, ports.exchange1, ports.exchange2], [50001, 0, 7001, 49902]);
});

Deno.test("options take several recordings", () => {
  assert.deepEqual(options("--replay", "bybit=a.jsonl,kraken=b=c.jsonl", "--speed=0").replay, {
    bybit: "a.jsonl",
    kraken: "b=c.jsonl",
  });
});

Deno.test("options refuse what they do not know, all of it", () => {
  const parsed = parseOptions([
    "--seed",
    "1.5",
    "--rate=-1",
    "--symbols",
    "BTC-USDT,BTC-USDT",
    "--speed",
    "fast",
    "--chain=maybe",
    "--block-ms=10",
  ]);
  assert("problems" in parsed);
  assert.equal(parsed.problems.length, 6);
});
