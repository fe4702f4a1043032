/** A chain that seems to be shorter than it is known to be. */
import assert from "node:assert/strict";
import { Follower } from "./follower.ts";
import { head, standing, words } from "./follower_testing.ts";
import { NewestHead } from "./newest_head.ts";

const behind = (number: number) => `withheld ${number}: Head ${number} is behind one that was known before`;
const branch = (number: number) => head(number, `b${number}`, `b${number - 1}`);

Deno.test("follower publishes nothing of a node that is behind, until that has as high a head as the one before", () => {
  const chain = standing();
  chain.on({ kind: "reconnected" });
  assert.deepEqual(chain.head(head(8)), ["re_read 8 #3"]);
  assert.deepEqual(chain.snapshot(3), ["adopt 8 #3", behind(8)]);
  assert.deepEqual(chain.head(head(9)), ["read_logs 9"]);
  assert.deepEqual(chain.logs(head(9)), ["apply 9: ", behind(9)]);
  chain.head(head(10));
  assert.deepEqual(chain.logs(head(10)), ["apply 10: ", "publish 10"]);
});

Deno.test("follower holds a chain that was replaced by a shorter one, until that is as long", () => {
  const chain = standing();
  chain.head(head(11));
  chain.logs(head(11));
  assert.deepEqual(chain.head(branch(10)), ["stale: Head 10 follows 11", "re_read 10 #2"]);
  assert.deepEqual(chain.snapshot(2), ["adopt 10 #2", behind(10)]);
  chain.head(branch(11));
  assert.deepEqual(chain.logs(branch(11)), ["apply 11: ", "publish 11"]);
});

Deno.test("follower believes a shorter chain where nobody told of a higher head for three block times", () => {
  const chain = standing();
  chain.on({ kind: "reconnected" });
  // A chain that was made anew, with the time of now.
  const young = { ...head(1, "c1", "c0"), timestamp: 12 };
  chain.head(young);
  assert.deepEqual(chain.snapshot(3), ["adopt 1 #3", behind(1)]);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_000 }), []);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_001 }), ["publish 1"]);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_002 }), [], "once");
  const next = { ...head(2, "c2", "c1"), timestamp: 14 };
  chain.head(next);
  assert.deepEqual(chain.logs(next), ["apply 2: ", "publish 2"]);
});

Deno.test("follower does not publish a shorter chain that stands still, however long", () => {
  const chain = standing();
  chain.on({ kind: "reconnected" });
  chain.head(head(9));
  chain.snapshot(3);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_000 }), []);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 13_001 }), ["withheld 9: The next head is late"]);
  assert.deepEqual(chain.on({ kind: "time", nowMs: 20_000 }), []);
});

Deno.test("follower publishes the blocks of a chain in their order although later heads are known", () => {
  const chain = standing();
  chain.head(head(11));
  chain.head(head(12));
  assert.deepEqual(chain.logs(head(11)), ["apply 11: ", "publish 11"]);
});

Deno.test("what one follower heard holds back another that goes on from it", () => {
  const newest = new NewestHead(3_000);
  const [first, second] = [1, 2].map(() => new Follower({ blockTimeMs: 1_000, newest })) as [
    Follower,
    Follower,
  ];
  first.on({ kind: "head", head: head(10), nowMs: 10_000 });
  second.on({ kind: "head", head: head(9), nowMs: 10_100 });
  const snapshot = { kind: "snapshot", ticket: 1, nowMs: 10_200 } as const;
  assert.deepEqual(second.on(snapshot).map(words), ["adopt 9 #1", behind(9)]);
  assert.deepEqual(first.on(snapshot).map(words), ["adopt 10 #1", "publish 10"]);
});
