import assert from "node:assert/strict";
import { Follower } from "./follower.ts";
import type { ChainEvent } from "./follower_events.ts";
import { Chain, head, log, standing, words } from "./follower_testing.ts";

Deno.test("follower applies the logs of a block by index, each once, then publishes the block", () => {
  const chain = standing();
  const next = head(11);
  assert.deepEqual(chain.head(next), ["read_logs 11"]);
  assert.deepEqual(chain.logs(next, log(next, 7), log(next, 2), log(next, 7)), [
    "apply 11: 2,7",
    "publish 11",
  ]);
});

Deno.test("follower publishes blocks without logs, too", () => {
  const chain = standing();
  chain.head(head(11));
  assert.deepEqual(chain.logs(head(11)), ["apply 11: ", "publish 11"]);
});

Deno.test("follower publishes a block of two hundred logs once", () => {
  const chain = standing();
  const next = head(11);
  chain.head(next);
  const logs = Array.from({ length: 200 }, (_, index) => log(next, 199 - index));
  const actions = chain.logs(next, ...logs);
  assert.deepEqual(actions, [`apply 11: ${[...logs.keys()].join()}`, "publish 11"]);
});

Deno.test("follower applies blocks in their order, whatever the order of the answers", () => {
  const chain = standing();
  chain.head(head(11));
  chain.head(head(12));
  assert.deepEqual(chain.logs(head(12)), []);
  assert.deepEqual(chain.logs(head(11)), ["apply 11: ", "apply 12: ", "publish 12"]);
});

Deno.test("follower keeps the blocks that come while the states are read", () => {
  const chain = new Chain();
  chain.head(head(10));
  assert.deepEqual(chain.head(head(11)), ["read_logs 11"]);
  assert.deepEqual(chain.logs(head(11), log(head(11), 1)), []);
  assert.deepEqual(chain.snapshot(1), ["adopt 10 #1", "apply 11: 1", "publish 11"]);
});

Deno.test("follower does nothing for a head that comes twice, at once or late", () => {
  const chain = standing();
  assert.deepEqual(chain.head(head(10)), []);
  chain.head(head(11));
  chain.logs(head(11));
  for (const number of [9, 10, 11]) assert.deepEqual(chain.head(head(number)), [], `${number} again`);
  assert.deepEqual(chain.head(head(12)), ["read_logs 12"]);
});

for (
  const [what, next, reason] of [
    ["after a gap", head(12), "Head 12 follows 10"],
    ["where the parent is another", head(11, "b11", "b10"), "Block 10 was replaced"],
    ["where a block comes again with another hash", head(10, "b10"), "Head 10 follows 10"],
  ] as const
) {
  Deno.test(`follower reads anew ${what}`, () => {
    const chain = standing();
    const { number } = next;
    assert.deepEqual(chain.head(next), [`stale: ${reason}`, `re_read ${number} #2`]);
    assert.deepEqual(chain.snapshot(1), [], "an answer to the earlier question");
    assert.deepEqual(chain.snapshot(2), [`adopt ${number} #2`, `publish ${number}`]);
  });
}

Deno.test("follower waits for a head after a removed log, because the newest one may be gone", () => {
  const chain = standing();
  assert.deepEqual(chain.log(log(head(10), 3, true)), ["stale: Block 10 is no longer part of the chain"]);
  assert.deepEqual(chain.head(head(10)), [], "the removed block again");
  assert.deepEqual(chain.head(head(10, "b10")), ["re_read 10 #3"]);
});

Deno.test("follower passes over a head whose logs were removed before it came", () => {
  const chain = standing();
  assert.deepEqual(chain.log(log(head(11), 3, true)), []);
  assert.deepEqual(chain.head(head(11)), []);
  assert.deepEqual(chain.head(head(11, "b11")), ["read_logs 11"]);
});

Deno.test("follower is not led astray by removed logs of a block known to be replaced", () => {
  const chain = standing();
  chain.head(head(10, "b10"));
  chain.snapshot(2);
  assert.deepEqual(chain.log(log(head(10), 3, true)), []);
});

Deno.test("follower reads anew where the subscription tells of a log that was not among those read", () => {
  const chain = standing();
  chain.head(head(11));
  chain.logs(head(11), log(head(11), 1));
  assert.deepEqual(chain.log(log(head(11), 1)), []);
  assert.deepEqual(chain.log(log(head(11), 2)), ["stale: A log of block 11 came late", "re_read 11 #2"]);
});

Deno.test("follower reads anew where the logs that were read lack one that the subscription told of", () => {
  for (const early of [true, false]) {
    const chain = standing();
    if (early) chain.log(log(head(11), 2));
    chain.head(head(11));
    if (!early) chain.log(log(head(11), 2));
    const actions = chain.logs(head(11), log(head(11), 1));
    assert.deepEqual(actions, ["stale: Logs of block 11 came incomplete", "re_read 11 #2"]);
  }
});

Deno.test("follower reads anew where logs of another block are given as those of a block", () => {
  const chain = standing();
  chain.head(head(11));
  const actions = chain.logs(head(11), log(head(10), 1));
  assert.deepEqual(actions, ["stale: Logs of another block came as those of 11", "re_read 11 #2"]);
});

Deno.test("follower reads anew where two logs of a block have one place", () => {
  const other = { address: "0x01", topics: [`0x${"1".repeat(64)}`], data: "0x01" };
  for (const [key, value] of Object.entries(other)) {
    const chain = standing();
    chain.head(head(11));
    const one = log(head(11), 1);
    assert.deepEqual(
      chain.logs(head(11), one, { ...one, [key]: value }),
      ["stale: Two logs of block 11 have one place", "re_read 11 #2"],
      key,
    );
  }
});

Deno.test("follower reads anew at the newest head where a reading fails, with a ticket of its own", () => {
  const chain = new Chain();
  chain.head(head(10));
  chain.head(head(11));
  const reason = "The node does not know the block";
  assert.deepEqual(chain.on({ kind: "snapshot_failed", ticket: 1, reason }), ["re_read 11 #2"]);
  assert.deepEqual(chain.on({ kind: "snapshot_failed", ticket: 1, reason }), []);
  chain.head(head(12));
  const failed: ChainEvent = { kind: "block_logs_failed", hash: head(12).hash, reason };
  assert.deepEqual(chain.on(failed), ["re_read 12 #3"]);
  assert.deepEqual(chain.on(failed), []);
});

Deno.test("follower reads anew where a log is at odds with the states", () => {
  const chain = standing();
  const reason = "More is burnt than there is";
  assert.deepEqual(chain.on({ kind: "misfit", reason }), [`stale: ${reason}`, "re_read 10 #2"]);
  assert.deepEqual(chain.on({ kind: "misfit", reason }), []);
});

Deno.test("follower knows nothing after the connection began anew, until a head comes", () => {
  const chain = standing();
  assert.deepEqual(chain.on({ kind: "reconnected" }), ["stale: The connection to the node began anew"]);
  assert.deepEqual(chain.on({ kind: "reconnected" }), []);
  assert.deepEqual(chain.head(head(11)), ["re_read 11 #4"]);
});

Deno.test("follower calls the states stale once where a head is late by more than three block times", () => {
  const chain = standing();
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_000 }), []);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_001 }), ["stale: The next head is late"]);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 14_000 }), []);
  chain.head({ ...head(11), timestamp: 14 });
  assert.deepEqual(chain.logs(head(11)), ["apply 11: ", "publish 11"]);
});

Deno.test("follower applies blocks of long ago as a node catches up, but does not publish them", () => {
  const chain = standing();
  chain.on({ kind: "head", head: head(11), nowMs: 60_000 });
  chain.nowMs = 60_000;
  const reason = "Block 11 is 49 s old by this machine's clock";
  assert.deepEqual(chain.logs(head(11)), ["apply 11: ", `withheld 11: ${reason}`]);
});

Deno.test("follower reads anew rather than let more blocks wait than it may", () => {
  const follower = new Follower({ blockTimeMs: 1_000, maxWaiting: 2 });
  const at = (number: number) => follower.on({ kind: "head", head: head(number), nowMs: 0 }).map(words);
  const actions = [10, 11, 12, 13].map(at);
  assert.deepEqual(actions, [["re_read 10 #1"], ["read_logs 11"], ["read_logs 12"], ["re_read 13 #2"]]);
});

Deno.test("follower says why where a block is left out for its age", () => {
  const chain = standing();
  const next = head(11);
  assert.deepEqual(chain.on({ kind: "head", head: next, nowMs: 17_000 }), ["read_logs 11"]);
  assert.deepEqual(chain.on({ kind: "block_logs", hash: next.hash, logs: [], nowMs: 17_000 }), [
    "apply 11: ",
    "withheld 11: Block 11 is 6 s old by this machine's clock",
  ]);
  const reason = "Block 11 is 6 s old by this machine's clock";
  assert.deepEqual(chain.on({ kind: "time", nowMs: 17_000 }), [`stale: ${reason}`]);
});

Deno.test("follower tells what it still waits for", () => {
  const chain = standing();
  chain.head(head(11));
  assert.ok(chain.follower.waitsFor(head(11).hash));
  chain.on({ kind: "reconnected" });
  assert.ok(!chain.follower.waitsFor(head(11).hash));
  assert.deepEqual(chain.head(head(12)), ["re_read 12 #3"]);
  assert.ok(chain.follower.isReading(3) && !chain.follower.isReading(2));
  chain.snapshot(3);
  assert.ok(!chain.follower.isReading(3));
});
