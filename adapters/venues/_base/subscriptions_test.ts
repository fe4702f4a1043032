import assert from "node:assert/strict";
import { Subscriptions } from "./subscriptions.ts";
import { seeded } from "../../../tests/random.ts";
import { tinyVenue, type VenueRequest } from "./testing.ts";
import { DEFAULT_TUNING } from "./tuning.ts";
import type { Limits } from "./venue.ts";

interface LeftOut {
  name: string;
  reason: string;
  retryMs: number;
}

function subscriptionsOf(count: number, limits: Partial<Limits> = {}) {
  const leftOut: LeftOut[] = [];
  const topics = Array.from({ length: count }, (_, at) => ({ name: `t${at}`, cell: at }));
  const subscriptions = new Subscriptions(topics, {
    venue: tinyVenue({ limits: { topicsPerRequest: 8, ...limits } }),
    tuning: DEFAULT_TUNING,
    random: seeded(1),
    leftOut: ({ name }, reason, retryMs) => leftOut.push({ name, reason, retryMs }),
  });
  subscriptions.reset(0);
  /** Everything that is due at that moment. */
  const requests = (now: number): Pick<VenueRequest, "op" | "id" | "topics">[] => {
    const sent = [];
    for (let frame; (frame = subscriptions.next(now)) !== undefined;) sent.push(JSON.parse(frame));
    return sent;
  };
  return { subscriptions, requests, leftOut };
}

Deno.test("subscriptions asks for every topic once, in requests within the limits", () => {
  const { requests } = subscriptionsOf(20);
  const sent = requests(0);
  assert.deepEqual(sent.map(({ topics }) => topics.length), [8, 8, 4]);
  assert.equal(new Set(sent.flatMap(({ topics }) => topics)).size, 20);
  assert.equal(new Set(sent.map(({ id }) => id)).size, 3);
  assert.deepEqual(requests(9_999), []);
});

Deno.test("subscriptions sends no more requests a second than the venue takes", () => {
  const { requests } = subscriptionsOf(10, { topicsPerRequest: 1, requestsPerSecond: 3 });
  const counts = [0, 500, 1_000, 1_999, 2_000, 3_000].map((now) => requests(now).length);
  assert.deepEqual(counts, [3, 0, 3, 0, 3, 1]);
});

Deno.test("subscriptions matches answers by topic, by request, and else to the oldest request", () => {
  const { subscriptions, requests } = subscriptionsOf(20);
  const [first, second] = requests(0);
  subscriptions.accepted(null, "t3", 1);
  assert.equal(subscriptions.active, 1);
  subscriptions.accepted(second!.id, null, 1);
  assert.equal(subscriptions.active, 9);
  subscriptions.accepted(null, null, 1);
  assert.deepEqual(first!.topics.map((name) => subscriptions.get(name)?.state), Array(8).fill("active"));
  subscriptions.accepted(null, null, 1);
  assert.equal(subscriptions.active, 20);
  subscriptions.refused(null, null, "Late", 2);
  subscriptions.refused("999", "t3", "Not asked", 2);
  assert.equal(subscriptions.active, 20);
});

Deno.test("subscriptions finds any set of bad topics among refusals of whole requests", () => {
  const random = seeded(42);
  for (let round = 0; round < 50; round++) {
    const { subscriptions, requests, leftOut } = subscriptionsOf(30);
    const bad = new Set(Array.from({ length: round % 6 }, () => `t${Math.floor(random() * 30)}`));
    let sent = 0;
    for (let batch = requests(0); batch.length > 0; batch = requests(0)) {
      for (const { id, topics } of batch) {
        sent++;
        if (topics.some((name) => bad.has(name))) subscriptions.refused(id, null, "Bad", 0);
        else subscriptions.accepted(id, null, 0);
      }
    }
    assert.equal(subscriptions.active, 30 - bad.size);
    assert.deepEqual(leftOut.map(({ name }) => name).sort(), [...bad].sort());
    assert(sent <= 4 + bad.size * 8, `Round ${round} took ${sent} requests for ${bad.size} bad topics`);
  }
});

Deno.test("subscriptions asks for a refused topic again, alone and ever more rarely", () => {
  const { subscriptions, requests, leftOut } = subscriptionsOf(1);
  const askedAt: number[] = [];
  for (let now = 0; now < 3_600_000; now += 1_000) {
    for (const { id, topics } of requests(now)) {
      askedAt.push(now);
      subscriptions.refused(id, topics[0]!, "Invalid symbol", now);
    }
  }
  assert.deepEqual(askedAt.slice(0, 5), [0, 30_000, 150_000, 630_000, 1_230_000]);
  assert.deepEqual(leftOut.slice(0, 4).map(({ retryMs }) => retryMs), [30_000, 120_000, 480_000, 600_000]);
  assert.equal(subscriptions.expectsData, false);
});

Deno.test("subscriptions keeps the wait of a refused topic over a reconnect, and asks for the rest at once", () => {
  const { subscriptions, requests } = subscriptionsOf(3);
  const [request] = requests(0);
  subscriptions.refused(request!.id, "t1", "Invalid symbol", 0);
  subscriptions.accepted(request!.id, null, 0);
  subscriptions.reset(1_000);
  assert.deepEqual(requests(1_000).map(({ topics }) => topics), [["t0", "t2"]]);
  assert.deepEqual(requests(30_000).map(({ topics }) => topics), [["t1"]]);
});

Deno.test("subscriptions halves what nobody answered, and leaves a lone topic for later", () => {
  const { subscriptions, requests, leftOut } = subscriptionsOf(4);
  requests(0);
  subscriptions.data(subscriptions.get("t0")!, 5_000);
  subscriptions.expire(9_999);
  assert.deepEqual(requests(9_999), []);
  subscriptions.expire(10_000);
  assert.deepEqual(requests(10_000).map(({ topics }) => topics), [["t1", "t2"], ["t3"]]);
  subscriptions.expire(20_000);
  assert.deepEqual(leftOut.map(({ name, reason }) => [name, reason]), [["t3", "No answer within 10000 ms"]]);
  assert.deepEqual(requests(20_000).map(({ topics }) => topics), [["t1"], ["t2"]]);
  assert(subscriptions.expectsData, "Topics that nobody refused should deliver");
});

Deno.test("subscriptions renews a topic at once, then with backoff, and at once again when it was well for a while", () => {
  const { subscriptions, requests } = subscriptionsOf(2);
  subscriptions.accepted(requests(0)[0]!.id, null, 0);
  const topic = subscriptions.get("t1")!;
  const renew = (now: number): number => {
    subscriptions.resubscribe(topic, now);
    subscriptions.resubscribe(topic, now);
    for (let later = now;; later += 10) {
      const sent = requests(later);
      if (sent.length === 0) continue;
      assert.deepEqual(sent.map(({ op, topics }) => [op, ...topics]), [["unsubscribe", "t1"], [
        "subscribe",
        "t1",
      ]]);
      subscriptions.accepted(sent[1]!.id, null, later);
      return later - now;
    }
  };
  assert.equal(renew(1_000), 0);
  const waits = Array.from({ length: 8 }, (_, at) => renew(40_000 * (at + 1)));
  assert(waits.slice(1).every((wait) => wait >= 500 && wait <= 30_000), `${waits}`);
  assert.equal(renew(1_000_000), 0);
});

Deno.test("subscriptions counts nothing that arrives between unsubscribing and subscribing", () => {
  const { subscriptions } = subscriptionsOf(1, { requestsPerSecond: 1 });
  subscriptions.next(0);
  subscriptions.accepted(null, null, 0);
  const topic = subscriptions.get("t0")!;
  subscriptions.resubscribe(topic, 5_000);
  assert.match(subscriptions.next(5_000)!, /unsubscribe/);
  subscriptions.data(topic, 5_001);
  assert.equal(topic.state, "unsubscribed");
  assert.equal(subscriptions.next(5_500), undefined);
  assert.match(subscriptions.next(6_000)!, /"subscribe"/);
});

Deno.test("subscriptions lets a topic be that healed before it was unsubscribed", () => {
  const { subscriptions, requests } = subscriptionsOf(1);
  subscriptions.accepted(requests(0)[0]!.id, null, 0);
  const topic = subscriptions.get("t0")!;
  subscriptions.resubscribe(topic, 1_000);
  requests(1_000);
  subscriptions.accepted(null, null, 1_000);
  subscriptions.resubscribe(topic, 2_000);
  subscriptions.data(topic, 2_001);
  assert.equal(topic.state, "active");
  assert.deepEqual(requests(60_000), []);
});
