/** Which answers are taken, which are asked for again, and of whom. */
import assert from "node:assert/strict";
import { seeded } from "../_base/testing.ts";
import { Endpoints } from "./endpoints.ts";
import { HttpRpc, type HttpRpcOptions } from "./http_rpc.ts";
import { type Asked, TinyNode } from "./testing.ts";

const MINUTE_MS = 60_000;

/** Endpoints that fail rest for longer than any test takes. */
function rpcOf(nodes: readonly { url: string }[], changes: Partial<HttpRpcOptions> = {}) {
  const problems: string[] = [];
  const rests = { restMs: MINUTE_MS, longestRestMs: MINUTE_MS, random: seeded(1) };
  const rpc = new HttpRpc({
    endpoints: new Endpoints(nodes.map(({ url }) => url), rests),
    now: () => performance.now(),
    signal: new AbortController().signal,
    failed: (problem) => void problems.push(problem),
    ...{ timeoutMs: 30_000, attempts: 4, maxBatch: 100, maxBytes: 100_000, maxRetryAfterMs: MINUTE_MS },
    ...changes,
  });
  return { rpc, problems };
}

const says = (status: number, code: number, message: string, headers = {}) => (asked: Asked[]) =>
  Response.json(asked.map(({ id }) => ({ id, error: { code, message } })), { status, headers });

const CALLS = [{ method: "eth_getLogs", params: [] }, { method: "eth_call", params: [] }];
const RESULTS = CALLS.map(({ method }) => ({ result: method }));

for (
  const [status, code, message] of [
    [429, -32007, "50/second request limit reached"],
    [200, -32603, "Internal error"],
    [500, -32603, "Internal error"],
    [200, -32016, "over rate limit"],
    [503, -32000, "backend unavailable"],
    [200, -32002, "request timed out"],
    [200, -32601, "the method does not exist"],
    [200, -32000, "something that nobody has heard of"],
    // The node's status counts, whatever else it says.
    [503, -32000, "header not found"],
  ] as const
) {
  Deno.test(`a node that says ${status} ${code} ${message} rests, and the next one is asked`, async () => {
    await using bad = new TinyNode();
    await using good = new TinyNode();
    bad.answer = says(status, code, message);
    const { rpc, problems } = rpcOf([bad, good]);
    for (let n = 0; n < 3; n++) assert.deepEqual(await rpc.batch(CALLS), RESULTS);
    assert.deepEqual([bad.batches, good.batches], [[2], [2, 2, 2]]);
    assert.equal(problems.length, 1);
    assert.ok(
      problems[0]!.startsWith(new URL(bad.url).origin) && problems[0]!.includes(message),
      problems[0],
    );
  });
}

for (
  const [status, code, message] of [
    [200, 3, "execution reverted: LOK"],
    [200, -32000, "execution reverted"],
    [200, -32015, "VM execution error: revert"],
    [200, -32000, "invalid opcode: opcode 0xfe not defined"],
    [200, -32000, "out of gas"],
  ] as const
) {
  Deno.test(`what the chain itself says is an answer: ${code} ${message}`, async () => {
    await using node = new TinyNode();
    await using other = new TinyNode();
    node.answer = says(status, code, message);
    const { rpc, problems } = rpcOf([node, other]);
    const outcome = { problem: `${message} (${code})`, code };
    assert.deepEqual(await rpc.batch(CALLS), [outcome, outcome]);
    assert.deepEqual([node.batches, other.batches, problems], [[2], [], []]);
  });
}

for (
  const [code, message] of [
    [-32000, "unknown block"],
    [-32000, "header not found"],
    [-32000, "header for hash not found"],
    [-32001, "Block 0xab could not be found"],
    [-32000, "hash 0xab is not currently canonical"],
    [-32000, "historical state 0xab is not available"],
    [-32000, "missing trie node 12ab (path )"],
    [-32001, "Resource not found."],
    [0, null],
  ] as const
) {
  const answer = (asked: Asked[]) =>
    message === null
      ? Response.json(asked.map(({ id }) => ({ id, result: null })))
      : says(200, code, message)(asked);

  Deno.test(`a node without the block (${message}) does not rest; the next one is asked at once`, async () => {
    await using late = new TinyNode();
    await using good = new TinyNode();
    late.answer = answer;
    const { rpc, problems } = rpcOf([late, good]);
    for (let n = 0; n < 3; n++) assert.deepEqual(await rpc.batch(CALLS), RESULTS);
    assert.deepEqual([late.batches, good.batches, problems], [[2, 2, 2], [2, 2, 2], []]);
  });

  Deno.test(`a lone node without the block (${message}) is asked again, and does not rest`, async () => {
    await using node = new TinyNode();
    let times = 3;
    node.answer = (asked) => times-- > 0 ? answer(asked) : undefined;
    const { rpc, problems } = rpcOf([node]);
    assert.deepEqual(await rpc.batch(CALLS), RESULTS);
    assert.deepEqual([node.batches, problems], [[2, 2, 2, 2], []]);
  });
}

Deno.test("where no node ever has the block, that is told after a while, and both are still good", async () => {
  await using first = new TinyNode();
  await using second = new TinyNode();
  for (const node of [first, second]) node.answer = says(200, -32000, "unknown block");
  const { rpc, problems } = rpcOf([first, second]);
  assert.deepEqual(
    await rpc.batch(CALLS),
    Array(2).fill({ problem: "unknown block (-32000)", code: -32000 }),
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /refuses: unknown block/);
  assert.ok(first.batches.length > 5, "it was waited for");
  first.answer = second.answer = () => undefined;
  assert.deepEqual(await rpc.batch(CALLS), RESULTS);
});

Deno.test("of one request the answers are kept, and only the rest is asked of another node", async () => {
  await using first = new TinyNode();
  await using second = new TinyNode();
  const error = { code: -32603, message: "Internal error" };
  for (const status of [200, 500]) {
    first.answer = ([a, b]) => Response.json([first.object(a!), { id: b!.id, error }], { status });
    assert.deepEqual(await rpcOf([first, second]).rpc.batch(CALLS), RESULTS);
  }
  assert.deepEqual(second.asked.map(({ method }) => method), ["eth_call", "eth_call"]);
});

Deno.test("a status of 429 has a node rest as long as it asks for, although it answers", async () => {
  await using node = new TinyNode();
  await using other = new TinyNode();
  node.answer = (asked) =>
    Response.json(asked.map((call) => node.object(call)), { status: 429, headers: { "retry-after": "30" } });
  const rests = { restMs: 1, longestRestMs: 1, random: () => 0 };
  const endpoints = new Endpoints([node.url, other.url], rests);
  const { rpc, problems } = rpcOf([node, other], { endpoints });
  assert.deepEqual(await rpc.batch(CALLS), RESULTS);
  assert.deepEqual([node.batches, other.batches], [[2], []]);
  assert.match(problems.join(), /answers with status 429/);
  assert.equal(endpoints.best(performance.now() + 1_000).url, other.url);
});

Deno.test("a result that cannot be one is asked of another node", async () => {
  await using odd = new TinyNode();
  await using good = new TinyNode();
  odd.resultOf = () => "0x";
  good.resultOf = () => [];
  const { rpc, problems } = rpcOf([odd, good]);
  assert.deepEqual(await rpc.batch([{ method: "eth_getLogs", params: [], isSound: Array.isArray }]), [
    { result: [] },
  ]);
  assert.deepEqual(problems, [`${new URL(odd.url).origin} answers something else than was asked for`]);
});

Deno.test("many calls at once ask a node for its chain once, and where they fail together it rests once", async () => {
  await using node = new TinyNode();
  node.resultOf = ({ method }) => method === "eth_chainId" ? "0x1" : [];
  const held = Promise.withResolvers<void>();
  node.answer = async (asked) => {
    await held.promise;
    return says(503, -32000, "backend unavailable")(asked);
  };
  const endpoints = new Endpoints([node.url], { restMs: 1, longestRestMs: 1_000_000, random: () => 0 });
  const { rpc } = rpcOf([node], { endpoints, chainId: 1, attempts: 1 });
  const calls = Array.from({ length: 10 }, () => rpc.call("eth_getLogs", []));
  held.resolve();
  await Promise.all(calls);
  assert.deepEqual(node.asked.map(({ method }) => method), ["eth_chainId"]);
  node.answer = () => undefined;
  assert.deepEqual(await Promise.all([rpc.call("x", []), rpc.call("x", [])]), [{ result: [] }, {
    result: [],
  }]);
  assert.deepEqual(node.asked.map(({ method }) => method), ["eth_chainId", "eth_chainId", "x", "x"]);
});

Deno.test("what is given up is neither asked on nor held against the node", async () => {
  await using node = new TinyNode();
  const held = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  node.answer = () => {
    asked.resolve();
    return held.promise;
  };
  const { rpc, problems } = rpcOf([node]);
  const ending = new AbortController();
  const outcomes = rpc.batch(CALLS, ending.signal);
  await asked.promise;
  ending.abort();
  assert.deepEqual((await outcomes).map((outcome) => "problem" in outcome), [true, true]);
  node.answer = () => undefined;
  assert.deepEqual(await rpc.batch(CALLS), RESULTS);
  assert.deepEqual([node.batches, problems], [[2, 2], []]);
  held.resolve(new Response());
});
