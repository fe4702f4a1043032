import assert from "node:assert/strict";
import { until } from "../core/until.ts";
import { TcpProxy } from "./proxy.ts";

/** Sends back whatever it hears. */
function echo(): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const connection of listener) connection.readable.pipeTo(connection.writable).catch(() => {});
  })().catch(() => {});
  return listener;
}

Deno.test("proxy lets through, freezes, cuts and refuses", async () => {
  using server = echo();
  await using proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.addr.port });
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port: proxy.port });
  const heard = async (connection: Deno.Conn): Promise<string | undefined> => {
    const buffer = new Uint8Array(10);
    const length = await connection.read(buffer).catch(() => null);
    return length === null ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
  };
  const say = (connection: Deno.Conn, text: string) => connection.write(new TextEncoder().encode(text));

  const first = await connect();
  await say(first, "one");
  assert.equal(await heard(first), "one");

  proxy.freeze();
  await say(first, "two");
  let answer: string | undefined;
  const answered = heard(first).then((text) => answer = text);
  const second = await connect();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(answer, undefined);
  proxy.restore();
  await answered;
  assert.equal(answer, "two");
  await say(second, "three");
  assert.equal(await heard(second), "three");

  proxy.cut();
  assert.equal(await heard(first), undefined);
  proxy.refuse();
  // The system may have accepted one more before it heard of it.
  await assert.rejects(
    connect(),
    (error) => error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset,
  );
  proxy.restore();
  const third = await connect();
  await say(third, "four");
  assert.equal(await heard(third), "four");
  for (const connection of [first, second, third]) connection.close();
  await until("all connections are gone", () => proxy.connections === 0);
});
