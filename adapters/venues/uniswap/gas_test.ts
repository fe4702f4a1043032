import assert from "node:assert/strict";
import { seeded } from "../_base/testing.ts";
import { Endpoints } from "./endpoints.ts";
import { Gas } from "./gas.ts";
import { HttpRpc } from "./http_rpc.ts";
import { TinyNode } from "./testing.ts";

function gasOf(node: TinyNode) {
  const clock = { nowMs: 1_000_000 };
  const rpc = new HttpRpc({
    endpoints: new Endpoints([node.url], { restMs: 1, longestRestMs: 2, random: seeded(1) }),
    now: () => performance.now(),
    signal: new AbortController().signal,
    ...{ timeoutMs: 30_000, attempts: 1, maxBatch: 10, maxBytes: 10_000, maxRetryAfterMs: 1 },
  });
  const gas = new Gas(rpc, { gasUnits: 150_000, now: () => clock.nowMs, validMs: 60_000, everyMs: 1_000 });
  return { gas, clock };
}

Deno.test("gas of a swap is its units at the price of the moment, in whole coins", async () => {
  await using node = new TinyNode();
  // 2 gwei.
  node.resultOf = ({ method }) => method === "eth_gasPrice" ? "0x77359400" : null;
  const { gas } = gasOf(node);
  assert.equal(gas.native, NaN, "nothing was read yet");
  await gas.read();
  assert.equal(gas.native, 0.0003);
});

Deno.test("a price of gas that could not be read again is not known after a while, and is when it comes back", async () => {
  await using node = new TinyNode();
  node.resultOf = () => "0x3b9aca00";
  const { gas, clock } = gasOf(node);
  await gas.read();
  const known = gas.native;
  for (const refuses of [() => "nonsense", () => null, () => "-0x1"]) {
    node.resultOf = refuses;
    clock.nowMs += 10_000;
    await gas.read();
    assert.equal(gas.native, known, "for a few blocks it is taken as it was");
  }
  clock.nowMs += 30_001;
  assert.equal(gas.native, NaN);
  node.resultOf = () => "0x77359400";
  await gas.read();
  assert.equal(gas.native, 2 * known);
});

Deno.test("gas is asked for once at a time, and no more often than it should be", async () => {
  await using node = new TinyNode();
  node.resultOf = () => "0x1";
  const { gas, clock } = gasOf(node);
  await Promise.all([gas.read(), gas.read(), gas.read()]);
  await gas.read();
  assert.equal(node.asked.length, 1);
  clock.nowMs += 1_000;
  await gas.read();
  assert.equal(node.asked.length, 2);
});

Deno.test("who waits for the price of gas does not wait for long, and it counts when it comes", async () => {
  await using node = new TinyNode();
  node.resultOf = () => "0x77359400";
  const held = Promise.withResolvers<undefined>();
  let [asked, answered] = [0, 0];
  node.answer = async (calls) => {
    asked++;
    await held.promise;
    answered++;
    return Response.json(node.object(calls[0]!));
  };
  const { gas } = gasOf(node);
  await gas.readWithin(1);
  assert.equal(gas.native, NaN);
  assert.equal(answered, 0, "it was still under way");
  held.resolve(undefined);
  await gas.read();
  assert.equal(gas.native, 0.0003);
  assert.equal(asked, 1);
});
