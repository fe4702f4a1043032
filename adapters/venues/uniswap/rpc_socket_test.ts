import assert from "node:assert/strict";
import { fixtureLines, fixtureTest } from "../../../tests/fixtures.ts";
import { ClosingSockets, type SocketEnd } from "../_base/socket.ts";
import { until } from "../_base/testing.ts";
import { logOf } from "./chain.ts";
import { RpcSocket } from "./rpc_socket.ts";
import { TinyNode } from "./testing.ts";

const LIMITS = { tickMs: 1_000, probeAfterMs: 5_000, silentAfterMs: 5_000, dataSilenceMs: 60_000 };

/** A socket to the node, open, whose clock is moved by hand. */
async function connect(node: TinyNode) {
  const closing = new ClosingSockets();
  const seen = { nowMs: 0, opened: 0, ends: [] as SocketEnd[], malformed: [] as string[] };
  const socket = new RpcSocket(node.wsUrl, {
    opened: () => void seen.opened++,
    ended: (end) => void seen.ends.push(end),
    malformed: (frame) => void seen.malformed.push(frame),
    frame: () => {},
  }, { now: () => seen.nowMs, timeoutMs: 10_000, limits: LIMITS, closing });
  const advance = (ms: number) => {
    for (const end = seen.nowMs + ms; seen.nowMs < end;) socket.tick(seen.nowMs += LIMITS.tickMs);
  };
  await until(() => seen.opened === 1, "the connection is open");
  return { seen, socket, advance, [Symbol.dispose]: () => socket.close() };
}

Deno.test("calls over a socket get their answers by id, whatever their order", async () => {
  await using node = new TinyNode();
  const held: string[] = [];
  node.onFrame = (call, socket) => {
    held.unshift(node.said(call));
    if (held.length === 3) { for (const answer of held) socket.send(answer); }
  };
  using connection = await connect(node);
  const methods = ["a", "b", "c"];
  const outcomes = await Promise.all(methods.map((method) => connection.socket.call({ method, params: [] })));
  assert.deepEqual(outcomes, methods.map((result) => ({ result })));
});

Deno.test("rubbish, other ids and answers that come twice are passed over", async () => {
  await using node = new TinyNode();
  node.onFrame = (call, socket) => {
    socket.send("rubbish");
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 99, result: "foreign" }));
    for (const frame of [node.said(call), node.said(call)]) socket.send(frame);
  };
  using connection = await connect(node);
  for (const result of ["a", "b"]) {
    assert.deepEqual(await connection.socket.call({ method: result, params: [] }), { result });
  }
  assert.deepEqual(connection.seen.malformed, ["rubbish", "rubbish"]);
});

Deno.test("a subscription tells from its first word on, and nothing after it was ended", async () => {
  await using node = new TinyNode();
  node.onFrame = (call, socket) => {
    socket.send(
      JSON.stringify({ ...node.object(call), result: call.method === "eth_subscribe" ? "0xABC" : true }),
    );
    if (call.method === "eth_subscribe") node.notify("0xabc", 1);
  };
  using connection = await connect(node);
  const heard: unknown[] = [];
  const subscribed = await connection.socket.subscribe(["newHeads"], (result) => void heard.push(result));
  assert.deepEqual(subscribed, { id: "0xabc" });
  node.notify("0xdef", "of another subscription");
  node.notify("0xabc", 2);
  await until(() => heard.length === 2, "both");
  const unsubscribed = connection.socket.unsubscribe("0xabc");
  node.notify("0xabc", 3);
  assert.deepEqual(await unsubscribed, { result: true });
  assert.deepEqual(await connection.socket.call({ method: "last", params: [] }), { result: true });
  assert.deepEqual(heard, [1, 2]);
});

Deno.test("a subscription that is refused says why", async () => {
  await using node = new TinyNode();
  node.onFrame = ({ id }, socket) => {
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32602, message: "invalid topic" } }));
  };
  using connection = await connect(node);
  const refused = await connection.socket.subscribe(["logs", {}], () => {});
  assert.deepEqual(refused, { problem: "invalid topic (-32602)", code: -32602 });
});

Deno.test("a call that is never answered ends by the clock of the owner", async () => {
  await using node = new TinyNode();
  node.onFrame = ({ method }, socket) => {
    if (method === "eth_chainId") socket.send("{}");
  };
  using connection = await connect(node);
  const outcome = connection.socket.call({ method: "lost", params: [] });
  connection.advance(5_000);
  await until(() => connection.seen.malformed.length === 1, "the probe comes back");
  connection.advance(6_000);
  assert.deepEqual(await outcome, { problem: "The node does not answer within 10000 ms", code: null });
});

Deno.test("a node that is silent is probed and then given up, with all that waits", async () => {
  await using node = new TinyNode();
  node.onFrame = () => {};
  using connection = await connect(node);
  const outcome = connection.socket.call({ method: "lost", params: [] });
  connection.advance(5_000);
  await until(() => node.asked.some(({ method }) => method === "eth_chainId"), "a probe");
  assert.deepEqual(connection.seen.ends, []);
  connection.advance(5_000);
  assert.deepEqual(connection.seen.ends, [{ reason: "The node is silent", status: null }]);
  assert.deepEqual(await outcome, { problem: "The node is silent", code: null });
});

Deno.test("a node that drops the connection ends it once, with all that waits", async () => {
  await using node = new TinyNode();
  node.onFrame = (_call, socket) => socket.close();
  using connection = await connect(node);
  const outcome = await connection.socket.call({ method: "lost", params: [] });
  assert("problem" in outcome);
  await until(() => connection.seen.ends.length > 0, "the end");
  assert.equal(connection.seen.ends.length, 1);
  const after = await connection.socket.call({ method: "after", params: [] });
  assert.deepEqual(after, { problem: "The connection is not open", code: null });
});

fixtureTest("the recorded subscription is heard and its log read", async () => {
  const frames = fixtureLines("uniswap_v3", "eth_subscription_frame.jsonl");
  const [accepted, notification, refused, unsubscribed] = frames.slice(1);
  await using node = new TinyNode();
  const answers = [accepted!, refused!, unsubscribed!];
  node.onFrame = ({ id }, socket) => {
    socket.send(answers[id - 1]!);
    if (id === 1) socket.send(notification!);
  };
  using connection = await connect(node);
  const heard: unknown[] = [];
  const request = JSON.parse(frames[0]!);
  const subscribed = await connection.socket.subscribe(request.params, (log) => void heard.push(log));
  assert.deepEqual(subscribed, { id: "0x25f61a1668c04b900ed86a4488778f83" });
  assert.deepEqual(await connection.socket.subscribe(["logs", { topics: ["0x"] }], () => {}), {
    problem: "invalid argument 1: invalid topic (-32602)",
    code: -32602,
  });
  assert("id" in subscribed);
  assert.deepEqual(await connection.socket.unsubscribe(subscribed.id), { result: true });
  const log = logOf(heard[0])!;
  assert.deepEqual([log.blockNumber, log.logIndex, log.removed], [20_428_121, 40, false]);
  assert.equal(log.blockHash, "0xf41b2a06635c8e55044610e90261feda7d093d7a443ebb98298bbac6e4f61c59");
  assert.equal(log.address, request.params[1].address.toLowerCase());
});
