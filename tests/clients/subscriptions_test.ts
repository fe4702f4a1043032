/** A filter is changed, and the connection ends in between: moments that a real program does not stop at. */
import assert from "node:assert/strict";
import { followOpportunities, json } from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import { until } from "../api/program.ts";
import { GOOD, serve } from "./fake_server.ts";
import { Follower } from "./follow.ts";

const QUICK = { firstWaitMs: 5, longestWaitMs: 20 };
const OTHER = '{"subscribed":{"symbol":"ETH-USDT","exchange":null,"minNetBps":null}}';

Deno.test("a sequence is not named for a filter that it was not seen with", async () => {
  await using server = serve(() => GOOD, {
    message(socket) {
      socket.send(OTHER);
      socket.close();
    },
  });
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  stream.subscribe({ symbol: "ETH-USDT" });
  await until("it comes back", () => server.opened.length === 2);
  assert.equal(server.opened[1]!.search, "?symbol=ETH-USDT");
});

Deno.test("what was asked for and not answered is asked for again", async () => {
  await using server = serve(() => GOOD, {
    message: (socket, _, connection) => connection === 1 ? socket.close() : socket.send(OTHER),
  });
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  stream.subscribe({ symbol: "ETH-USDT" });
  await until("the filter holds", () => follower.of("subscribed").at(-1)!.filter.symbol === "ETH-USDT");
  assert.equal(server.opened[1]!.search, "?lastSequence=7");
  assert.deepEqual(server.received, Array(2).fill('{"subscribe":{"symbol":"ETH-USDT"}}'));
});

for (const format of [json, protobuf]) {
  Deno.test(`a filter that ${format.subprotocol} cannot say is refused at once, and the next one holds`, async () => {
    await using server = serve(() => GOOD, { message: (socket) => socket.send(OTHER) });
    // The server speaks JSON; the form in question is that of what the client asks for.
    using stream = followOpportunities(server.url, {
      ...QUICK,
      format: { ...json, subscribe: format.subscribe },
    });
    const follower = new Follower(stream);
    await follower.until("snapshot");
    assert.throws(() => stream.subscribe({ minNetBps: 5n as unknown as number }));
    stream.subscribe({ symbol: "ETH-USDT" });
    await until("the filter holds", () => follower.of("subscribed").at(-1)!.filter.symbol === "ETH-USDT");
    assert.equal(server.opened.length, 1);
  });
}

Deno.test("a second loop over a stream is told that there is one, which goes on", async () => {
  await using server = serve(() => GOOD, { message: (socket) => socket.send(OTHER) });
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  await assert.rejects(stream[Symbol.asyncIterator]().next(), TypeError);
  stream.subscribe({ symbol: "ETH-USDT" });
  await follower.until("subscribed", 2);
  stream.close();
  await follower.done;
  assert.equal(follower.failure, undefined);
});

Deno.test("a slow loop gets nothing of the filter before after it was told of the next", async () => {
  await using server = serve(() => GOOD, { message: (socket) => socket.send(OTHER) });
  using stream = followOpportunities(server.url, QUICK);
  const events = stream[Symbol.asyncIterator]();
  await until("the snapshot waits", () => stream.mode !== undefined);
  stream.subscribe({ symbol: "ETH-USDT" });
  await until("both subscriptions have come", () => stream.conflated >= 3);
  const seen = [(await events.next()).value!, (await events.next()).value!];
  assert.deepEqual(seen.map(({ type }) => type), ["connection", "subscribed"]);
  stream.close();
  assert.ok((await events.next()).done);
});

Deno.test("filters that are asked for in quick succession are not sent in quick succession", async () => {
  await using server = serve(() => GOOD, {
    message: (socket, text) => socket.send(JSON.stringify({ subscribed: JSON.parse(text).subscribe })),
  });
  using stream = followOpportunities(server.url, QUICK);
  const follower = new Follower(stream);
  await follower.until("snapshot");
  for (let minNetBps = 1; minNetBps <= 100; minNetBps++) {
    stream.subscribe({ minNetBps });
    await new Promise((resolve) => setTimeout(resolve));
  }
  await until("the last one holds", () => follower.of("subscribed").at(-1)!.filter.minNetBps === 100);
  assert.ok(server.received.length < 20, `${server.received.length} were sent`);
});
