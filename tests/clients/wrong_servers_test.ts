/** What the client makes of servers that are not what they should be. */
import assert from "node:assert/strict";
import { followOpportunities, json } from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import { until } from "../api/program.ts";
import { GOOD, serve } from "./fake_server.ts";
import { Follower } from "./follow.ts";

const QUICK = { firstWaitMs: 5, longestWaitMs: 20 };
const RUBBISH: [string, string | Uint8Array<ArrayBuffer>][] = [
  ["half of a message", '{"sequence":8,"opportunityUpdate":{"id":'],
  ["another kind of frame", new Uint8Array([1, 2, 3])],
  ["a row without an id", '{"sequence":8,"opportunityUpdate":{"symbol":"BTC-USDT"}}'],
];

for (const [what, frame] of RUBBISH) {
  Deno.test(`${what} is told as an error, and the client begins anew with a snapshot`, async () => {
    await using server = serve((connection) => connection < 4 ? [...GOOD, frame] : GOOD);
    using stream = followOpportunities(server.url, QUICK);
    const follower = new Follower(stream);
    await until("it tries again and again", () => server.opened.length === 4);
    await until("it follows", () => stream.live);
    const errors = follower.of("connection").flatMap((event) =>
      event.state === "reconnecting" ? [event.error] : []
    );
    assert.ok(errors.length > 0);
    assert.ok(
      errors.every(({ code, final, cause }) => code === "malformed" && !final && cause instanceof Error),
    );
    // What follows a sequence may be that frame once more, and again each time that it is asked for.
    assert.deepEqual(server.opened.map(({ search }) => search), ["", "", "", ""]);
  });
}

Deno.test("rubbish in place of protobuf is told as an error", async () => {
  await using server = serve(() => [new Uint8Array([255, 255, 255])]);
  using stream = followOpportunities(server.url, { ...QUICK, format: protobuf });
  const follower = new Follower(stream);
  await until("it tries again", () => server.opened.length > 1);
  const event = follower.of("connection")[1]!;
  assert.ok(event.state === "reconnecting" && event.error.code === "malformed");
});

Deno.test("a change before any snapshot is told as an error", async () => {
  const change = { id: "a", symbol: "BTC-USDT", buyExchange: "okx", sellExchange: "kraken" };
  await using server = serve(() => [GOOD[0]!, JSON.stringify({ sequence: 1, opportunityUpdate: change })]);
  using stream = followOpportunities(server.url, { ...QUICK, format: json });
  const follower = new Follower(stream);
  await until("it tries again", () => server.opened.length > 1);
  assert.equal(stream.rows.size, 0);
  const event = follower.of("connection").find(({ state }) => state === "reconnecting");
  assert.ok(event?.state === "reconnecting" && /before the first snapshot/u.test(event.error.message));
});

Deno.test("a message of a newer program that the client does not know changes nothing", async () => {
  await using server = serve(
    () => [...GOOD, '{"sequence":8,"weather":{}}', '{"sequence":8,"heartbeat":{"time":5}}'],
  );
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("heartbeat");
  assert.equal(follower.of("heartbeat")[0]!.time, 5);
  assert.equal(server.opened.length, 1);
});

Deno.test("a server that is something else is told as such, and asked again", async () => {
  await using server = serve(() => [], { answer: () => new Response("<p>Welcome") });
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("connection", 3);
  const event = follower.of("connection")[2]!;
  assert.ok(
    event.state === "reconnecting" && event.error.code === "unreachable" && event.error.status === 200,
  );
});

for (const [status, code] of [[200, "unreachable"], [503, "unavailable"]] as const) {
  Deno.test(`an answer ${status} that never ends is told as what it is`, async () => {
    const text = new TextEncoder().encode("All of it ".repeat(1000));
    const body = () => new ReadableStream({ pull: (controller) => controller.enqueue(text) });
    await using server = serve(() => [], { answer: () => new Response(body(), { status }) });
    using stream = followOpportunities(server.url, QUICK);
    const follower = new Follower(stream);
    await follower.until("connection", 2);
    const event = follower.of("connection")[1]!;
    assert.ok(event.state === "reconnecting");
    assert.deepEqual([event.error.code, event.error.status], [code, status]);
    assert.ok(event.error.message.length < 1000);
  });
}

Deno.test("why a server refuses is said as far as it came, where the rest of its answer never does", async () => {
  const body = () =>
    new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("All places")) });
  await using server = serve(
    () => [],
    { answer: () => new Response(body(), { status: 503, headers: { "retry-after": "30" } }) },
  );
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("connection", 2);
  const event = follower.of("connection")[1]!;
  assert.ok(event.state === "reconnecting" && event.error.code === "unavailable");
  assert.match(event.error.message, /All places$/u);
  assert.equal(event.error.retryAfterMs, 30_000);
});

Deno.test("a server that asks to wait is not asked before, nor by all clients at once", async () => {
  await using server = serve(
    () => [],
    { answer: () => new Response(null, { status: 429, headers: { "retry-after": "30" } }) },
  );
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("connection", 2);
  const event = follower.of("connection")[1]!;
  assert.ok(event.state === "reconnecting" && event.error.code === "unavailable");
  // On top comes the wait of this client alone, which chance decides.
  assert.ok(event.retryInMs >= 30_000 + QUICK.firstWaitMs, `${event.retryInMs} ms`);
});

Deno.test("where nobody listens the client keeps trying until it is closed", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  using stream = followOpportunities(`http://127.0.0.1:${port}`, QUICK);
  const follower = new Follower(stream);
  await follower.until("connection", 6);
  stream.reconnect();
  await follower.until("connection", 8);
  stream.close();
  await follower.done;
  assert.equal(await stream.closed, undefined);
});

Deno.test({
  name: "a program in Deno that may not open connections is told so, and does not try again",
  permissions: { net: false },
}, async () => {
  for (const token of [undefined, "a-token-of-the-test"]) {
    const failure = await followOpportunities("http://127.0.0.1:8080", { token }).closed;
    assert.equal(failure?.code, "unsupported");
    assert.match(failure!.message, /--allow-net/u);
  }
});
