import assert from "node:assert/strict";
import { type Keyed, StreamClient, type StreamClientOptions } from "./client.ts";
import type { StreamEnd } from "./places.ts";

/** A reader whose events are texts such as `a5@7`: the fifth change of `a` under the id 7. */
function setUp(options: Partial<StreamClientOptions> = {}) {
  const told = { superseded: 0, ends: [] as StreamEnd[], encoded: 0 };
  const client = new StreamClient({
    maxBytes: 1000,
    conflateAbove: Infinity,
    superseded: () => told.superseded++,
    ended: (end) => told.ends.push(end),
    ...options,
  });
  const keyed = (id: number, key: string): Keyed => ({
    id,
    key,
    encode: (at) => {
      told.encoded++;
      return bytes(`${key}${id}@${at} `);
    },
  });
  return {
    client,
    told,
    /** The event with this id, about this key. */
    push: (id: number, key: string) => client.push(bytes(`${key}${id}@${id} `), keyed(id, key)),
    /** Such as a snapshot. */
    border: (text: string) => client.push(bytes(`${text} `)),
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

async function taken(client: StreamClient): Promise<string> {
  return ((await client.next()) ?? []).map((part) => new TextDecoder().decode(part)).join("").trimEnd();
}

Deno.test("a reader takes everything that was pushed, in order, and then waits", async () => {
  const { client, push, border } = setUp();
  border("snapshot");
  push(1, "a");
  assert.equal(await taken(client), "snapshot a1@1");
  const next = taken(client);
  push(2, "a");
  assert.equal(await next, "a2@2");
  assert.equal(client.bufferedBytes, 0);
});

Deno.test("what waits is counted in bytes, and what is taken is not counted any more", async () => {
  const { client, border } = setUp({ maxBytes: 1 << 20 });
  border("x".repeat(39_999));
  border("y".repeat(39_999));
  border("z".repeat(99_999));
  assert.equal(client.bufferedBytes, 180_000);
  // Two do not fit into one piece of 64 KiB, and one that is larger than that goes alone.
  assert.equal((await taken(client)).length, 39_999);
  assert.equal(client.bufferedBytes, 140_000);
  assert.equal((await taken(client)).length, 39_999);
  assert.equal((await taken(client)).length, 99_999);
  assert.equal(client.bufferedBytes, 0);
});

Deno.test("a reader that does not conflate gets every change until it is cut", async () => {
  const { client, told, push } = setUp({ maxBytes: 12 });
  for (const id of [1, 2, 3]) push(id, "a");
  assert.equal(await taken(client), "a1@1 a2@2 a3@3");
  for (const id of [4, 5, 6, 7]) push(id, "a");
  assert.deepEqual(told, { superseded: 0, ends: ["slow"], encoded: 0 });
  assert.equal(client.bufferedBytes, 0);
  assert.equal(await client.next(), undefined);
});

Deno.test("from the bound on the latest of a key stands where the first one waited, under its id", async () => {
  const { client, told, push } = setUp({ conflateAbove: 10 });
  push(1, "a");
  push(2, "a");
  push(3, "b");
  push(4, "a");
  push(5, "c");
  push(6, "b");
  push(7, "a");
  assert.equal(await taken(client), "a1@1 a7@2 b6@3 c5@5");
  assert.equal(told.superseded, 3);
});

Deno.test("below the bound nothing is conflated, whatever was before", async () => {
  const { client, told, push } = setUp({ conflateAbove: 10 });
  for (const id of [1, 2, 3]) push(id, "a");
  assert.equal(await taken(client), "a1@1 a3@2");
  for (const id of [4, 5]) push(id, "a");
  assert.equal(await taken(client), "a4@4 a5@5");
  assert.equal(told.superseded, 1);
});

Deno.test("nothing moves from behind a snapshot or a sign of life to before it", async () => {
  const { client, push, border } = setUp({ conflateAbove: 0 });
  push(1, "a");
  push(2, "a");
  border("snapshot");
  push(4, "a");
  push(5, "b");
  push(6, "a");
  border("alive");
  push(7, "b");
  push(8, "b");
  assert.equal(await taken(client), "a2@1 snapshot a6@4 b5@5 alive b8@7");
});

Deno.test("a reader that conflates stays while its keys fit into the bound, however much happens", async () => {
  const { client, told, push } = setUp({ maxBytes: 200, conflateAbove: 50 });
  for (let id = 1; id <= 10_000; id++) push(id, `k${id % 5} `);
  assert.deepEqual(told.ends, []);
  assert.ok(client.bufferedBytes <= 200, `${client.bufferedBytes} wait`);
  assert.match(await taken(client), /k4 9999@4 k0 10000@5 k1 9996@6 k2 9997@7 k3 9998@8$/u);
});

Deno.test("a reader that conflates is cut when too many keys wait", () => {
  const { told, push } = setUp({ maxBytes: 60, conflateAbove: 15 });
  for (let id = 1; id <= 100; id++) push(id, `k${id}`);
  assert.deepEqual(told.ends, ["slow"]);
});

Deno.test("what takes another's place is encoded when it is taken, not before something newer may replace it", async () => {
  const { client, told, push } = setUp({ conflateAbove: 0 });
  for (let id = 1; id <= 100; id++) push(id, "a");
  assert.equal(told.superseded, 99);
  assert.equal(told.encoded, 0);
  assert.equal(await taken(client), "a100@1");
  assert.equal(told.encoded, 1);
});

Deno.test("a reader that left gets nothing more and holds nothing", async () => {
  const { client, told, push } = setUp();
  push(1, "a");
  client.leave();
  push(2, "a");
  client.cut();
  client.close();
  assert.equal(client.bufferedBytes, 0);
  assert.equal(await client.next(), undefined);
  assert.equal(client.end, "left");
  assert.deepEqual(told.ends, ["left"]);
});

Deno.test("a stream that is closed ends after what waits", async () => {
  const { client, told, push } = setUp();
  push(1, "a");
  client.close();
  push(2, "a");
  client.leave();
  assert.equal(await taken(client), "a1@1");
  assert.equal(await client.next(), undefined);
  assert.deepEqual(told.ends, ["closed"]);
});

for (const end of ["leave", "cut", "close"] as const) {
  Deno.test(`a reader that waits is woken by ${end}`, async () => {
    const { client } = setUp();
    const next = client.next();
    client[end]();
    assert.equal(await next, undefined);
  });
}

Deno.test("a sign of life comes to a reader that waits, and parts nothing for one that is behind", async () => {
  const { client, push, told } = setUp({ conflateAbove: 0 });
  const next = taken(client);
  client.keepAlive(bytes("alive "));
  assert.equal(await next, "alive");
  push(1, "a");
  client.keepAlive(bytes("alive "));
  push(2, "a");
  assert.equal(await taken(client), "a2@1");
  assert.equal(told.superseded, 1);
});
