import assert from "node:assert/strict";
import { ClosingSockets } from "../_base/socket.ts";
import { until } from "../_base/testing.ts";
import type { ChainLog, Head } from "./chain.ts";
import { Endpoints } from "./endpoints.ts";
import { HeadFeed } from "./head_feed.ts";
import { TinyNode } from "./testing.ts";

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const ADDRESSES = Array.from({ length: 20 }, (_, n) => `0x${String(n).padStart(40, "0")}`);
const HEAD = { number: "0x10", hash: hash("A"), parentHash: hash("b"), timestamp: "0x6", miner: "0x" };
const LOG = { address: ADDRESSES[0], topics: [], data: "0x", blockNumber: "0x10", logIndex: "0x0" };

/** A node of the chain whose subscriptions are named after what they are for. */
function nodeOf(chainId = "0x1"): TinyNode {
  const node = new TinyNode();
  node.resultOf = ({ method, params }) => method === "eth_chainId" ? chainId : params[0];
  return node;
}

/** Feeds from the nodes until disposed of; the clock runs a thousand times as fast. */
function feedOf(nodes: readonly TinyNode[], restMs = 1e9) {
  const seen = { heads: [] as Head[], logs: [] as ChainLog[], lost: [] as string[] };
  const now = () => 1_000 * performance.now();
  const endpoints = new Endpoints(nodes.map(({ wsUrl }) => wsUrl), {
    ...{ restMs, longestRestMs: 10 * restMs, random: () => 0.5 },
  });
  const limits = { tickMs: 1e9, probeAfterMs: 1e9, silentAfterMs: 1e9, dataSilenceMs: 1e9 };
  const feed = new HeadFeed({
    head: (head) => void seen.heads.push(head),
    log: (log) => void seen.logs.push(log),
    lost: (problem) => void seen.lost.push(problem),
    malformed: () => {},
    frame: () => {},
  }, {
    ...{ endpoints, chainId: 1, addresses: ADDRESSES, healthyAfterMs: 1e9, now },
    ...{ timeoutMs: 1e9, limits, closing: new ClosingSockets() },
  });
  const timer = setInterval(() => feed.tick(now()), 5);
  return {
    ...{ seen, feed },
    [Symbol.dispose]() {
      clearInterval(timer);
      feed.stop();
    },
  };
}

const subscriptions = (node: TinyNode) => node.asked.filter(({ method }) => method === "eth_subscribe");

Deno.test("heads and logs are told of, whatever their case and what else is in them", async () => {
  await using node = nodeOf();
  using watched = feedOf([node]);
  await until(() => subscriptions(node).length === 3, "subscribed");
  node.notify("newHeads", HEAD);
  node.notify("logs", LOG);
  await until(() => watched.seen.logs.length > 0, "a log");
  assert.deepEqual(watched.seen.heads, [{
    number: 16,
    hash: hash("a"),
    parentHash: hash("b"),
    timestamp: 6,
  }]);
  assert.deepEqual(watched.seen.logs[0]!.blockHash, null);
  assert.deepEqual(watched.seen.lost, []);
});

Deno.test("all addresses are subscribed to, in frames that are small enough", async () => {
  await using node = nodeOf();
  using _watched = feedOf([node]);
  await until(() => subscriptions(node).length === 3, "subscribed");
  const filters = subscriptions(node).flatMap(({ params }) => params.slice(1)) as { address: string[] }[];
  assert.deepEqual(filters.flatMap(({ address }) => address), ADDRESSES);
  for (const call of node.asked) assert.ok(JSON.stringify({ jsonrpc: "2.0", ...call }).length < 1_024);
});

Deno.test("the next endpoint takes over where one drops the connection", async () => {
  await using first = nodeOf();
  await using second = nodeOf();
  using watched = feedOf([first, second]);
  await until(() => subscriptions(first).length === 3, "subscribed");
  for (const socket of first.open) socket.close();
  await until(() => subscriptions(second).length === 3, "subscribed with the other");
  assert.equal(watched.seen.lost.length, 1);
  second.notify("newHeads", HEAD);
  await until(() => watched.seen.heads.length === 1, "a head");
});

for (
  const [what, bad, problem] of [
    ["is of another chain", () => nodeOf("0x38"), /of chain 56 where 1 is wanted/],
    ["refuses a subscription", () => {
      const node = nodeOf();
      node.onFrame = (call, socket) => {
        const { id, method } = call;
        const error = { code: -32601, message: "notifications not supported" };
        socket.send(method === "eth_subscribe" ? JSON.stringify({ id, error }) : node.said(call));
      };
      return node;
    }, /notifications not supported/],
    ["tells of a head without a hash", () => {
      const node = nodeOf();
      node.onFrame = (call, socket) => {
        socket.send(node.said(call));
        if (call.params[0] === "newHeads") node.notify("newHeads", { ...HEAD, hash: null });
      };
      return node;
    }, /cannot be read/],
  ] as const
) {
  Deno.test(`the next endpoint takes over where a node ${what}`, async () => {
    await using first = bad();
    await using second = nodeOf();
    using watched = feedOf([first, second]);
    await until(() => subscriptions(second).length === 3, "subscribed with the other");
    assert.match(watched.seen.lost[0]!, problem);
    assert.deepEqual(watched.seen.heads, []);
  });
}

Deno.test("a lone endpoint is dialled again after its rest, also where its owner leaves it", async () => {
  await using node = nodeOf();
  using watched = feedOf([node], 1_000);
  await until(() => subscriptions(node).length === 3, "subscribed");
  watched.feed.leave("Its heads are late");
  await until(() => subscriptions(node).length === 6, "subscribed again");
  assert.deepEqual(watched.seen.lost, [`${new URL(node.wsUrl).origin}: Its heads are late`]);
});
