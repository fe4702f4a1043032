import assert from "node:assert/strict";
import { checkHealth, type Listening } from "./check_health.ts";

/** A server that answers so, asked with these settings. */
async function ask(
  answer: (request: Request) => Response | Promise<Response>,
  listening: Partial<Listening> = {},
) {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const { port } = server.addr;
  const { healthy, said } = await checkHealth({ host: "127.0.0.1", port, ...listening });
  return { healthy, said: said.replace(`:${port}`, ":PORT") };
}

const health = (status: string, problems: string[] = []) =>
  Response.json({ status, problems }, { status: status === "down" ? 503 : 200 });

Deno.test("what runs and is not down is healthy, and says its problems in one line", async () => {
  assert.deepEqual(await ask(() => health("ok")), { healthy: true, said: "ok" });
  assert.deepEqual(await ask(() => health("starting")), { healthy: true, said: "starting" });
  const { healthy, said } = await ask(() =>
    health("degraded", ["kraken is down:\nrefused", "cache is away"])
  );
  assert.deepEqual([healthy, said], [true, "degraded: kraken is down: refused; cache is away"]);
  assert.deepEqual(await ask(() => health("down", ["no venue"])), { healthy: false, said: "down: no venue" });
});

Deno.test("it asks on this machine where something listens on every address", async () => {
  for (const host of ["0.0.0.0", "127.0.0.1", "localhost"]) {
    assert.equal((await ask(() => health("ok"), { host })).said, "ok", host);
  }
  for (const host of ["::", "0:0:0:0:0:0:0:0", "::0"]) {
    const { said } = await checkHealth({ host, port: 1 });
    // Also where this machine has no such addresses.
    assert.match(said, /http:\/\/\[::1\]:1\b/u, host);
  }
});

Deno.test("it brings the token that reading needs, and no other where there is one for reading", async () => {
  const told = async (tokens: Partial<Listening>) => {
    let sent: string | null = "";
    await ask((request) => {
      sent = request.headers.get("authorization");
      return health("ok");
    }, tokens);
    return sent;
  };
  assert.equal(await told({}), null);
  assert.equal(await told({ readToken: "", adminToken: "" }), null);
  assert.equal(await told({ adminToken: "a" }), "Bearer a");
  assert.equal(await told({ readToken: "r", adminToken: "a" }), "Bearer r");
});

Deno.test("other servers, silence and endless answers are no health", async () => {
  const strange = "http://127.0.0.1:PORT answers 200, and not as MarketFlow does";
  assert.deepEqual(await ask(() => new Response("hello")), { healthy: false, said: strange });
  assert.deepEqual(await ask(() => Response.json({ status: "ok" })), { healthy: false, said: strange });
  const busy = await ask(() => new Response("no", { status: 429 }));
  assert.equal(busy.said, strange.replace("200", "429"));
  const { said } = await ask(() => new Response("no", { status: 401 }));
  assert.equal(said, "http://127.0.0.1:PORT wants another token; check server.readToken");

  const silent = await askPeer("", 50);
  assert.deepEqual(silent, { healthy: false, said: "http://127.0.0.1:PORT did not answer within 50 ms" });
  const slow = await askPeer("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", 50);
  assert.deepEqual(slow, silent);
  const long = await askPeer(`HTTP/1.1 200 OK\r\n\r\n${" ".repeat((4 << 20) + 1)}`);
  assert.equal(long.healthy, false);
  assert.match(long.said, /cannot be asked: The answer is longer than 4194304 bytes$/u);
});

/** The same of a peer that says these bytes to whoever comes, and then nothing. */
async function askPeer(bytes: string, withinMs?: number) {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const accepted = listener.accept();
  const checked = checkHealth({ host: "127.0.0.1", port }, withinMs);
  using connection = await accepted;
  // Who has enough may leave before the end.
  await new Response(bytes).body?.pipeTo(connection.writable, { preventClose: true }).catch(() => {});
  const { healthy, said } = await checked;
  return { healthy, said: said.replace(`:${port}`, ":PORT") };
}
