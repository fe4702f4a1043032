import assert from "node:assert/strict";
import { EventQueue } from "./queue.ts";

/** All that waits. */
function drain(queue: EventQueue<string>): string[] {
  const events = [];
  for (let event = queue.take(); event !== undefined; event = queue.take()) {
    events.push(event);
  }
  return events;
}

Deno.test("rows come in the order of their first change, each as it was last", () => {
  const queue = new EventQueue<string>(10, () => "all");
  queue.putRow("a", "a1");
  queue.putRow("b", "b1");
  queue.putRow("a", "a2");
  assert.equal(queue.size, 2);
  assert.equal(queue.conflated, 1);
  assert.deepEqual(drain(queue), ["a2", "b1"]);
});

Deno.test("a snapshot takes the place of all rows before it, and those after it follow", () => {
  const queue = new EventQueue<string>(10, () => "all");
  queue.putRow("a", "a1");
  queue.putSnapshot("snapshot 1");
  queue.putRow("b", "b1");
  queue.putSnapshot("snapshot 2");
  queue.putRow("a", "a2");
  assert.equal(queue.conflated, 3);
  assert.deepEqual(drain(queue), ["snapshot 2", "a2"]);
});

Deno.test("where more rows wait than may, one snapshot takes their place, and again", () => {
  const queue = new EventQueue<string>(3, () => "all");
  for (let i = 0; i < 1000; i++) {
    queue.putRow(`row ${i}`, `event ${i}`);
    assert.ok(queue.size <= 4);
  }
  assert.deepEqual(drain(queue), ["all"]);
  assert.equal(queue.conflated, 1000 + 249);
});

Deno.test("what is told beside the rows comes first, the latest of each kind", () => {
  const queue = new EventQueue<string>(3, () => "all");
  queue.putOther("connection", "live");
  queue.putRow("a", "a1");
  queue.putOther("heartbeat", "1");
  queue.putOther("connection", "reconnecting");
  assert.deepEqual(drain(queue), ["1", "reconnecting", "a1"]);
});

Deno.test("rows of another subscription are dropped, what is told beside them stays", () => {
  const queue = new EventQueue<string>(3, () => "all");
  queue.putSnapshot("snapshot");
  queue.putRow("a", "a1");
  queue.putOther("subscribed", "other");
  queue.dropRows();
  assert.deepEqual(drain(queue), ["other"]);
});
