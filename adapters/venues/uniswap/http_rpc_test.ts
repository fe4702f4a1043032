import assert from "node:assert/strict";
import { seeded } from "../_base/testing.ts";
import { Endpoints } from "./endpoints.ts";
import { HttpRpc, type HttpRpcOptions } from "./http_rpc.ts";
import { type Asked, TinyNode } from "./testing.ts";

function rpcOf(nodes: readonly { url: string }[], changes: Partial<HttpRpcOptions> = {}): HttpRpc {
  const urls = nodes.map(({ url }) => url);
  return new HttpRpc({
    endpoints: new Endpoints(urls, { restMs: 1, longestRestMs: 10, random: seeded(1) }),
    now: () => performance.now(),
    signal: new AbortController().signal,
    timeoutMs: 30_000,
    attempts: 4,
    maxBatch: 3,
    maxBytes: 10_000,
    maxRetryAfterMs: 20,
    ...changes,
  });
}

const calls = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ method: "echo", params: [n] as const }));

const echoes = (count: number) => Array.from({ length: count }, (_, n) => ({ result: n }));

function echo(): TinyNode {
  const node = new TinyNode();
  node.resultOf = ({ params }) => params[0];
  return node;
}

/** The first request goes wrong, the others do not. */
function once(answer: (calls: Asked[]) => Response | Promise<Response>): TinyNode["answer"] {
  let first = true;
  return (calls) => {
    if (!first) return undefined;
    first = false;
    return answer(calls);
  };
}

Deno.test("calls go out in requests of a bounded number, and come back in their order", async () => {
  await using node = echo();
  assert.deepEqual(await rpcOf([node]).batch(calls(7)), echoes(7));
  assert.deepEqual(node.batches, [3, 3, 1]);
});

Deno.test("answers are matched by their ids, whatever their order, also as text, twice or unasked for", async () => {
  await using node = echo();
  node.answer = (calls) => {
    const answers = calls.map((call) => ({ ...node.object(call), id: String(call.id) })).reverse();
    const foreign = { jsonrpc: "2.0", id: 4_711, result: "foreign" };
    return Response.json([foreign, null, 7, ...answers, { ...answers[0], result: "late" }]);
  };
  assert.deepEqual(await rpcOf([node]).batch(calls(3)), echoes(3));
});

Deno.test("only what has no answer is asked again", async () => {
  await using node = echo();
  node.answer = once((calls) => Response.json([node.object(calls[1]!)]));
  assert.deepEqual(await rpcOf([node]).batch(calls(3)), echoes(3));
  assert.deepEqual(node.batches, [3, 2]);
});

for (
  const [what, answer] of [
    ["refuses with status 429", () => new Response("", { status: 429, headers: { "retry-after": "60" } })],
    ["fails with status 503 and a page", () => new Response("<html>", { status: 503 })],
    ["answers rubbish", () => new Response('[{"jsonrpc":')],
    ["answers with other ids", () => Response.json([{ jsonrpc: "2.0", id: 99, result: 1 }])],
    ["answers too much", () => new Response("x".repeat(20_000))],
    [
      "limits each call",
      (calls: Asked[]) =>
        Response.json(calls.map(({ id }) => ({ id, error: { code: -32005, message: "limit exceeded" } }))),
    ],
    [
      "does not have the block yet",
      (calls: Asked[]) =>
        Response.json(calls.map(({ id }) => ({ id, error: { code: -32000, message: "header not found" } }))),
    ],
  ] as const
) {
  Deno.test(`calls are made again where a node ${what}`, async () => {
    await using node = echo();
    node.answer = once(answer);
    assert.deepEqual(await rpcOf([node]).batch(calls(3)), echoes(3));
    assert.deepEqual(node.batches, [3, 3]);
  });
}

Deno.test("another endpoint is asked while the first rests", async () => {
  await using bad = echo();
  await using good = echo();
  bad.answer = () => new Response("", { status: 500 });
  const endpoints = new Endpoints([bad.url, good.url], {
    restMs: 60_000,
    longestRestMs: 60_000,
    random: () => 0,
  });
  const rpc = rpcOf([bad, good], { endpoints });
  assert.deepEqual(await rpc.batch(calls(2)), echoes(2));
  assert.deepEqual(await rpc.batch(calls(2)), echoes(2));
  assert.deepEqual([bad.batches, good.batches], [[2], [2, 2]]);
});

Deno.test("an endpoint that nobody listens at is passed over", async () => {
  await using node = echo();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  listener.close();
  assert.deepEqual(await rpcOf([{ url }, node]).batch(calls(1)), echoes(1));
});

Deno.test("a request that is not answered in time is given up", async () => {
  await using node = echo();
  const held = Promise.withResolvers<Response>();
  node.answer = once(() => held.promise);
  assert.deepEqual(await rpcOf([node], { timeoutMs: 1_000 }).batch(calls(2)), echoes(2));
  held.resolve(new Response());
});

Deno.test("errors of the node are values and are not asked again", async () => {
  await using node = echo();
  node.answer = ([call]) =>
    Response.json({ jsonrpc: "2.0", id: call!.id, error: { code: 3, message: "execution reverted" } });
  const outcome = await rpcOf([node]).call("eth_call", []);
  assert.deepEqual(outcome, { problem: "execution reverted (3)", code: 3 });
  assert.deepEqual(node.batches, [1]);
});

Deno.test("an error for the whole request is told as the reason, after all attempts", async () => {
  await using node = echo();
  node.answer = () => Response.json({ error: { code: -32600, message: "not today" } });
  const [outcome] = await rpcOf([node]).batch(calls(2));
  const problem = `${new URL(node.url).origin} answers: not today (-32600)`;
  assert.deepEqual(outcome, { problem, code: null });
  assert.equal(node.batches.length, 4);
});

Deno.test("nothing is asked after the end, and nobody waits for it", async () => {
  const ending = new AbortController();
  await using node = echo();
  node.answer = () => {
    ending.abort();
    return new Response("", { status: 500 });
  };
  const endpoints = new Endpoints([node.url], {
    restMs: 3_600_000,
    longestRestMs: 3_600_000,
    random: () => 0,
  });
  const outcomes = await rpcOf([node], { endpoints, signal: ending.signal }).batch(calls(5));
  assert.deepEqual(outcomes.map((outcome) => "problem" in outcome), Array(5).fill(true));
  assert.deepEqual(node.batches, [3]);
});

Deno.test("an endpoint of another chain is passed over, and each is asked for its chain once", async () => {
  await using foreign = echo();
  await using own = echo();
  const echoed = own.resultOf;
  foreign.resultOf = (call) => call.method === "eth_chainId" ? "0x38" : echoed(call);
  own.resultOf = (call) => call.method === "eth_chainId" ? "0x1" : echoed(call);
  const problems: string[] = [];
  const endpoints = new Endpoints([foreign.url, own.url], {
    ...{ restMs: 60_000, longestRestMs: 60_000, random: () => 0 },
  });
  const failed = (problem: string) => void problems.push(problem);
  const rpc = rpcOf([foreign, own], { endpoints, chainId: 1, failed });
  assert.deepEqual(await rpc.batch(calls(2)), echoes(2));
  assert.deepEqual(await rpc.batch(calls(2)), echoes(2));
  const methods = (node: TinyNode) => node.asked.map(({ method }) => method);
  assert.deepEqual(methods(foreign), ["eth_chainId"]);
  assert.deepEqual(methods(own), ["eth_chainId", "echo", "echo", "echo", "echo"]);
  assert.deepEqual(problems, [`${new URL(foreign.url).origin} is of chain 56 where 1 is wanted`]);
});

Deno.test("where every endpoint is of another chain, that is the problem", async () => {
  await using node = echo();
  node.resultOf = () => "0x38";
  const outcome = await rpcOf([node], { chainId: 1 }).call("echo", []);
  assert.deepEqual(outcome, {
    problem: `${new URL(node.url).origin} is of chain 56 where 1 is wanted`,
    code: null,
  });
});

Deno.test("a node that does not know blocks by their hash is told of, and another one is asked", async () => {
  await using old = echo();
  await using good = echo();
  old.answer = (asked) =>
    Response.json(asked.map(({ id }) => ({ id, error: { code: -32602, message: "invalid argument 1" } })));
  const problems: string[] = [];
  const rpc = rpcOf([old, good], { failed: (problem) => void problems.push(problem) });
  assert.deepEqual(await rpc.batch(calls(2)), echoes(2));
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /refuses: invalid argument 1 \(-32602\); .*EIP-1898/);
});

Deno.test("what follows the host of an address is never told: it may be a key", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nobody = { url: `http://127.0.0.1:${listener.addr.port}/v3/secret?key=secret` };
  listener.close();
  await using node = echo();
  node.answer = () => new Response("no", { status: 401 });
  for (const one of [nobody, { url: `${node.url}v3/secret` }]) {
    const problems: string[] = [];
    const failed = (problem: string) => void problems.push(problem);
    const outcome = await rpcOf([one], { failed, attempts: 1, chainId: 1 }).call("echo", []);
    assert.ok("problem" in outcome);
    assert.equal(problems.length, 1);
    for (const said of [outcome.problem, ...problems]) {
      assert.match(said, /^http:\/\/127\.0\.0\.1:\d+ /);
      assert.doesNotMatch(said, /secret/);
    }
  }
});

for (
  const [what, refusal] of [
    [
      "as a whole",
      (_: Asked[]) => ({ id: null, error: { code: -32014, message: "maximum 2 calls in 1 batch" } }),
    ],
    [
      "call by call",
      (asked: Asked[]) =>
        asked.map(({ id }) => ({
          id,
          error: { code: 31, message: "Batch of more than 2 requests are not allowed" },
        })),
    ],
  ] as const
) {
  Deno.test(`a node that takes fewer calls in a request, and says so ${what}, gets shorter ones`, async () => {
    await using node = echo();
    node.answer = (asked) => asked.length > 2 ? Response.json(refusal(asked)) : undefined;
    const problems: string[] = [];
    const rpc = rpcOf([node], { maxBatch: 10, failed: (problem) => void problems.push(problem) });
    assert.deepEqual(await rpc.batch(calls(7)), echoes(7));
    assert.deepEqual(node.batches, [7, 2, 2, 2, 1]);
    assert.deepEqual(await rpc.batch(calls(3)), echoes(3));
    assert.deepEqual(node.batches.slice(5), [2, 1], "it is remembered");
    assert.deepEqual(problems, []);
  });
}
