import assert from "node:assert/strict";
import { Backoff } from "../../../core/app/backoff.ts";
import { until } from "../_base/testing.ts";
import type { Head } from "./chain.ts";
import { ChainReader } from "./chain_reader.ts";
import { Follower } from "./follower.ts";
import type { RpcCall, RpcOutcome } from "./rpc.ts";

const hash = (number: number) => `0x${String(number).padStart(64, "0")}`;
const head = (number: number): Head => ({
  ...{ number, hash: hash(number), parentHash: hash(number - 1), timestamp: number },
});

function logAt(number: number, index: number): Record<string, unknown> {
  const address = `0x${"a".repeat(40)}`;
  const [blockNumber, logIndex] = [number, index].map((value) => `0x${value.toString(16)}`);
  return { address, topics: [], data: "0x", blockNumber, blockHash: hash(number), logIndex };
}

/** Readings and logs are answered when the test says so; what comes of it is kept as words. */
function newReader() {
  const done: string[] = [];
  const readings: {
    block: Head;
    signal: AbortSignal;
    answer: (states: string | { problem: string }) => void;
  }[] = [];
  const asked: { params: unknown; answer: (outcome: RpcOutcome) => void }[] = [];
  const time = { ms: 0 };
  const seen = { done, readings, asked, time, misfit: undefined as string | undefined };
  const follower = new Follower({ blockTimeMs: 1e9 });
  const rpc = {
    batch: (calls: readonly RpcCall[]) =>
      Promise.all(
        calls.map(({ params }) => new Promise<RpcOutcome>((answer) => asked.push({ params, answer }))),
      ),
  };
  const reader = new ChainReader<string>(follower, rpc, {
    read: (block, signal) => new Promise((answer) => readings.push({ block, signal, answer })),
    adopt: (states, { number }) => void done.push(`adopt ${states} at ${number}`),
    apply: (logs, { number }) => {
      done.push(`apply ${number}: ${logs.map(({ logIndex }) => logIndex)}`);
      return seen.misfit === undefined ? undefined : { problem: seen.misfit };
    },
    publish: ({ number }) => void done.push(`publish ${number}`),
    stale: (reason) => void done.push(`stale: ${reason}`),
  }, {
    ...{ addresses: ["0xa"], now: () => time.ms, backoff: new Backoff(100, 1_000, () => 0) },
    withheld: (reason) => void done.push(`withheld: ${reason}`),
  });
  const tell = (number: number) => reader.on({ kind: "head", head: head(number), nowMs: time.ms });
  return { ...seen, seen, reader, tell };
}

/** One with states at block 10. */
async function standing() {
  const all = newReader();
  all.tell(10);
  all.readings[0]!.answer("A");
  await until(() => all.done.length === 2, "published");
  assert.deepEqual(all.done.splice(0), ["adopt A at 10", "publish 10"]);
  return all;
}

Deno.test("logs are asked for by the hash of their block and applied in order", async () => {
  const { tell, asked, done } = await standing();
  tell(11);
  assert.deepEqual(asked[0]!.params, [{ blockHash: hash(11), address: ["0xa"] }]);
  asked[0]!.answer({ result: [logAt(11, 4), logAt(11, 2)] });
  await until(() => done.length === 2, "published");
  assert.deepEqual(done, ["apply 11: 2,4", "publish 11"]);
});

for (
  const [what, outcome, reason] of [
    ["cannot be had", { problem: "No", code: 1 }, "Logs of block 11 cannot be read: No"],
    ["are no list", { result: null }, "Logs of block 11 are malformed"],
    ["lack an index", { result: [{ ...logAt(11, 1), logIndex: null }] }, "Logs of block 11 are malformed"],
    ["are of another block", { result: [logAt(10, 1)] }, "Logs of another block came as those of 11"],
  ] as const
) {
  Deno.test(`states are read anew where the logs of a block ${what}`, async () => {
    const { tell, asked, done, readings, time, reader } = await standing();
    tell(11);
    asked[0]!.answer(outcome);
    await until(() => done.length === 1, "stale");
    assert.deepEqual(done, [`stale: ${reason}`]);
    reader.tick(time.ms += 100);
    assert.equal(readings.at(-1)!.block.number, 11);
  });
}

Deno.test("a log that does not fit keeps its block from being published", async () => {
  const { tell, asked, done, seen, readings, time, reader } = await standing();
  seen.misfit = "More is burnt than there is";
  tell(11);
  asked[0]!.answer({ result: [logAt(11, 1)] });
  await until(() => done.length === 2, "stale");
  assert.deepEqual(done, ["apply 11: 1", "stale: More is burnt than there is"]);
  assert.equal(readings.length, 1, "it waits a little");
  reader.tick(time.ms += 100);
  assert.equal(readings[1]!.block.number, 11);
});

Deno.test("one reading is under way at a time, and of those that wait only the newest counts", async () => {
  const { tell, done, readings } = newReader();
  for (const number of [10, 20, 30]) tell(number);
  assert.deepEqual(readings.map(({ block }) => block.number), [10]);
  readings[0]!.answer("A");
  await until(() => readings.length === 2, "the next reading");
  assert.equal(readings[1]!.block.number, 30);
  assert.deepEqual(readings.map(({ signal }) => signal.aborted), [true, false]);
  readings[1]!.answer("B");
  await until(() => done.length === 2, "published");
  assert.deepEqual(done, ["adopt B at 30", "publish 30"]);
});

Deno.test("a reading that fails is tried again at the newest head, after a wait", async () => {
  const { tell, done, readings, time, reader } = newReader();
  tell(10);
  tell(11);
  readings[0]!.answer({ problem: "The node does not know the block" });
  // The answer is seen before the next turn of the loop.
  await new Promise((resolve) => setTimeout(resolve));
  reader.tick(time.ms += 99);
  assert.equal(readings.length, 1);
  reader.tick(time.ms += 1);
  assert.equal(readings[1]!.block.number, 11);
  readings[1]!.answer("A");
  await until(() => done.length === 2, "published");
  assert.deepEqual(done, ["adopt A at 11", "publish 11"]);
});

Deno.test("nothing is done with answers that come after the end", async () => {
  const { tell, done, readings, asked, reader } = await standing();
  tell(11);
  tell(20);
  reader.stop();
  done.splice(0);
  asked[0]!.answer({ result: [] });
  readings[1]!.answer("B");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(done, []);
});

Deno.test("a reading is given up where it is not waited for any more, and none is begun", async () => {
  const { tell, done, readings, reader, time } = newReader();
  tell(10);
  readings[0]!.answer({ problem: "No" });
  await new Promise((resolve) => setTimeout(resolve));
  reader.on({ kind: "reconnected" });
  reader.tick(time.ms += 1_000);
  assert.equal(readings.length, 1, "the one that waited for its time is forgotten");
  tell(11);
  assert.equal(readings.length, 2);
  reader.on({ kind: "reconnected" });
  assert.ok(readings[1]!.signal.aborted);
  readings[1]!.answer("B");
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(done, []);
});

Deno.test("logs that come together are applied together, and only the last block is published", async () => {
  const { tell, asked, done } = await standing();
  for (const number of [11, 12, 13, 14, 15]) tell(number);
  assert.equal(asked.length, 3, "the others wait for a request that is answered");
  for (const { answer } of asked.splice(0)) answer({ result: [] });
  await until(() => asked.length === 2, "the others are asked for");
  for (const { answer } of asked) answer({ result: [] });
  await until(() => done.includes("publish 15"), "published");
  assert.deepEqual(done.slice(-3), ["apply 14: ", "apply 15: ", "publish 15"]);
});

Deno.test("it is told why a block is not published although its states are known", async () => {
  const { tell, asked, done, time } = await standing();
  tell(11);
  time.ms = 4e9;
  asked[0]!.answer({ result: [] });
  await until(() => done.length === 2, "told");
  assert.deepEqual(done, ["apply 11: ", "withheld: The next head is late"]);
});
