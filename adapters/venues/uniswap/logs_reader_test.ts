import assert from "node:assert/strict";
import { until } from "../_base/testing.ts";
import type { Head } from "./chain.ts";
import { LogsReader } from "./logs_reader.ts";
import type { RpcCall, RpcOutcome } from "./rpc.ts";

const hash = (number: number) => `0x${String(number).padStart(64, "0")}`;
const head = (number: number): Head => ({
  ...{ number, hash: hash(number), parentHash: hash(number - 1), timestamp: number },
});

/** Requests are answered when the test says so. */
function newReader() {
  const requests: {
    numbers: number[];
    calls: readonly RpcCall[];
    signal: AbortSignal;
    answer: () => void;
  }[] = [];
  const unwanted = new Set<string>();
  const told: string[] = [];
  const reader = new LogsReader({
    batch: (calls, signal) =>
      new Promise<RpcOutcome[]>((resolve) => {
        const numbers = calls.map(({ params }) =>
          Number((params[0] as { blockHash: string }).blockHash.slice(2))
        );
        requests.push({
          numbers,
          calls,
          signal: signal!,
          answer: () => resolve(calls.map(() => ({ result: [] }))),
        });
      }),
  }, {
    addresses: ["0xa"],
    isWaitedFor: (hash) => !unwanted.has(hash),
    told: ({ number }, logs) =>
      void told.push(`${number}: ${"problem" in logs ? logs.problem : logs.length}`),
  });
  const numbers = () => requests.map(({ numbers }) => numbers);
  return { reader, requests, numbers, unwanted, told };
}

Deno.test("three requests for logs are under way at most; the other blocks go out together, once each", async () => {
  const { reader, requests, numbers, told } = newReader();
  for (let number = 1; number <= 40; number++) reader.read(head(number));
  assert.deepEqual(numbers(), [[1], [2], [3]]);
  requests[1]!.answer();
  await until(() => requests.length === 4, "the others");
  assert.deepEqual(numbers()[3], Array.from({ length: 37 }, (_, n) => n + 4));
  for (const { answer } of requests) answer();
  await until(() => told.length === 40, "all are told");
  assert.equal(new Set(told).size, 40);
  assert.equal(requests.length, 4);
});

Deno.test("blocks that are not waited for any more are not asked for, and their requests are given up", async () => {
  const { reader, requests, numbers, unwanted, told } = newReader();
  for (const number of [1, 2, 3, 4, 5]) reader.read(head(number));
  for (const number of [1, 2, 4]) unwanted.add(hash(number));
  reader.prune();
  assert.deepEqual(requests.map(({ signal }) => signal.aborted), [true, true, false, false]);
  assert.deepEqual(numbers()[3], [5]);
  for (const { answer } of requests) answer();
  await until(() => told.length === 2, "told");
  assert.deepEqual(told, ["3: 0", "5: 0"]);
  reader.read(head(6));
  reader.read(head(7));
  reader.stop();
  assert.ok(requests.slice(4).every(({ signal }) => signal.aborted));
});

Deno.test("it is checked with each answer whether it can be the logs of the block", () => {
  const { reader, requests } = newReader();
  reader.read(head(1));
  const { isSound } = requests[0]!.calls[0]!;
  const log = (number: number) => ({
    ...{ address: `0x${"a".repeat(40)}`, topics: [], data: "0x", logIndex: "0x0" },
    ...{ blockNumber: `0x${number.toString(16)}`, blockHash: hash(number) },
  });
  assert.deepEqual([[], [log(1)]].map((logs) => isSound!(logs)), [true, true]);
  const wrong = ["0x", {}, [log(2)], [{ ...log(1), topics: undefined }], [{ ...log(1), removed: true }]];
  assert.deepEqual(wrong.map((logs) => isSound!(logs)), wrong.map(() => false));
});
