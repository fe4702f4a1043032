import assert from "node:assert/strict";
import { fixtureLines, fixtureTest } from "../../../tests/fixtures.ts";
import { headOf, logOf } from "./chain.ts";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const HEAD = { number: "0x1B4", hash: hash("A"), parentHash: hash("b"), timestamp: "0x6553f100" };
const LOG = {
  ...{ address: `0x${"Ab".repeat(20)}`, topics: [hash("C")], data: "0xFF", removed: false },
  ...{ blockNumber: "0x1b4", blockHash: hash("A"), logIndex: "0x0" },
};

Deno.test("a head is read in any case and whatever else is in it", () => {
  const { number, timestamp } = { number: 436, timestamp: 1_700_000_000 };
  const head = { number, timestamp, hash: hash("a"), parentHash: hash("b") };
  assert.deepEqual(headOf({ ...HEAD, miner: null, logsBloom: 7 }), head);
  assert.deepEqual(headOf({ ...HEAD, number, timestamp }), head);
});

Deno.test("a log is read in any case, also without its block's hash and without a word on removal", () => {
  const log = {
    ...{ address: `0x${"ab".repeat(20)}`, topics: [hash("c")], data: "0xff", removed: false },
    ...{ blockNumber: 436, blockHash: hash("a"), logIndex: 0 },
  };
  assert.deepEqual(logOf({ ...LOG, blockTimestamp: "0x1", transactionHash: null }), log);
  const { blockHash: _hash, removed: _removed, ...lenient } = LOG;
  assert.deepEqual(logOf(lenient), { ...log, blockHash: null });
  assert.deepEqual(logOf({ ...LOG, blockHash: null }), { ...log, blockHash: null });
  assert.equal(logOf({ ...LOG, removed: true })!.removed, true);
});

Deno.test("a head or a log without what places it in the chain is none", () => {
  for (const value of [null, "0x", [], 7]) {
    assert.deepEqual([headOf(value), logOf(value)], [undefined, undefined]);
  }
  for (const key of Object.keys(HEAD)) {
    for (const bad of [undefined, null, "0x", "0xzz", -1, 1.5]) {
      assert.equal(headOf({ ...HEAD, [key]: bad }), undefined, `${key}: ${bad}`);
    }
  }
  for (const key of ["address", "topics", "data", "blockNumber", "logIndex"]) {
    for (const bad of [undefined, null, "0xzz", -1, ["0x1"]]) {
      assert.equal(logOf({ ...LOG, [key]: bad }), undefined, `${key}: ${bad}`);
    }
  }
  assert.equal(logOf({ ...LOG, blockHash: "0x12" }), undefined);
});

fixtureTest("the log of the recorded subscription is read", () => {
  const frame = JSON.parse(fixtureLines("uniswap_v3", "eth_subscription_frame.jsonl")[2]!);
  const { result } = frame.params;
  const { address, topics, data, blockHash } = result;
  const places = { blockNumber: 20_428_121, logIndex: 40, removed: false };
  assert.deepEqual(logOf(result), { address, topics, data, blockHash, ...places });
});
