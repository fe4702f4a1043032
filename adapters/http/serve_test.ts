import assert from "node:assert/strict";
import { serveHttp } from "./serve.ts";
import { type Fetch, get, log, readAll, serving, stream, until } from "./testing.ts";

Deno.test("a request reaches the handler as it was sent", async () => {
  const seen: Request[] = [];
  await serving((request) => (seen.push(request), new Response(null, { status: 204 })), async (server) => {
    const init = { method: "POST", headers: { "x-two": "2" }, body: "x".repeat(60_000) };
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`http://${server.host}:${server.port}/prices/BTC%2FUSDT?a=b`, init);
      assert.equal(response.status, 204);
    }
    const [request] = seen;
    assert.equal(seen.length, 3);
    assert.equal(request!.method, "POST");
    assert.equal(request!.url, `http://${server.host}:${server.port}/prices/BTC%2FUSDT?a=b`);
    assert.equal(request!.headers.get("x-two"), "2");
  });
});

Deno.test("a request whose host is no host is refused with 400", async () => {
  await serving(() => new Response("reached"), async (server) => {
    const connection = await Deno.connect({ hostname: server.host, port: server.port });
    await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"));
    assert.match(await readAll(connection), /^HTTP\/1\.1 400 /);
  });
});

Deno.test("a port that is taken is told in words", async () => {
  await serving(() => new Response(), async (server) => {
    const second = await serveHttp({
      host: server.host,
      port: server.port,
      fetch: () => new Response(),
      log,
    });
    assert.ok("refused" in second);
    assert.match(second.refused, new RegExp(`^Port ${server.port} on 127\\.0\\.0\\.1 is taken`));
  });
});

Deno.test("closing waits for an answer under way, then resets the streams that go on", async () => {
  let finish: ((_: Response) => void) | undefined;
  const server = await serveHttp({
    host: "127.0.0.1",
    port: 0,
    fetch: (request) =>
      request.url.endsWith("/slow") ? new Promise((resolve) => finish = resolve) : stream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("one")),
      }),
    log,
  });
  assert.ok(!("refused" in server));
  const streaming = await fetch(`http://${server.host}:${server.port}/stream`);
  const slow = fetch(`http://${server.host}:${server.port}/slow`);
  await until("the slow request arrived", () => finish !== undefined);
  const closed = server.close(3_000);
  finish!(new Response("late"));
  assert.equal(await (await slow).text(), "late");
  await closed;
  await assert.rejects(streaming.text());
});

Deno.test("bytes that are no request end a stream, and no refusal stands in the middle of it", async () => {
  await serving(
    () => stream({ start: (controller) => controller.enqueue(new TextEncoder().encode("one\n")) }),
    async (server) => {
      const connection = await get(server);
      const bytes = new Uint8Array(4096);
      let text = "";
      while (!text.includes("one\n")) {
        const count = await connection.read(bytes);
        assert.ok(count !== null, text);
        text += new TextDecoder().decode(bytes.subarray(0, count));
      }
      await connection.write(new TextEncoder().encode("no request at all\r\n\r\n"));
      const rest = await readAll(connection).catch((error) => {
        assert.ok(error instanceof Deno.errors.ConnectionReset, String(error));
        return "";
      });
      assert.doesNotMatch(rest, /HTTP\/1/u);
    },
  );
});

Deno.test("a connection serves the next request after a body, and ends with a refusal", async () => {
  await serving((request) => new Response(new URL(request.url).pathname), async (server) => {
    const connection = await Deno.connect({ hostname: server.host, port: server.port });
    const one = "POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    const two = "GET /two HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const three = "GET /three/../x HTTP/1.1\r\nHost: localhost\r\n\r\n";
    await connection.write(new TextEncoder().encode(one + two + three));
    const text = await readAll(connection);
    assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d{3}) /gu)].map((match) => match[1]), [
      "200",
      "200",
      "400",
    ]);
    assert.match(text, /\/one.*\/two.*without dot segments/su);
  });
});

Deno.test("requests that were sent ahead are answered in turn", async () => {
  await serving((request) => new Response(new URL(request.url).pathname), async (server) => {
    const connection = await Deno.connect({ hostname: server.host, port: server.port });
    const paths = Array.from({ length: 10 }, (_, i) => `/${i}`);
    const head = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: a\r\n${path === "/9" ? "Connection: close\r\n" : ""}\r\n`;
    await connection.write(new TextEncoder().encode(paths.map(head).join("")));
    const text = await readAll(connection);
    assert.deepEqual([...text.matchAll(/\r\n\r\n(\/\d)/gu)].map(([_, path]) => path), paths);
  });
});

Deno.test("streams that wait for one before them end with the connection, too", async () => {
  let open = 0;
  const fetch: Fetch = () => {
    open++;
    return stream({ cancel: () => void open-- });
  };
  await serving(fetch, async (server) => {
    const connection = await get(server, "/", "\r\nGET / HTTP/1.1\r\nHost: a\r\n".repeat(4));
    await until("all are asked for", () => open === 5);
    connection.close();
    await until("all have ended", () => open === 0);
  });
});

for (
  const [what, path] of [["behind a stream", "/stream"], ["whose answers nobody reads", "/long"]] as const
) {
  Deno.test(`a connection with too many requests ${what} is reset, and they are not served`, async () => {
    let served = 0;
    const long = "x".repeat(1 << 20);
    await serving((request) => {
      served++;
      return new URL(request.url).pathname === "/stream" ? stream({}) : new Response(long);
    }, async (server) => {
      const connection = await get(server, path);
      const ahead = new TextEncoder().encode("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
      await assert.rejects(async () => {
        while (served < 50) await connection.write(ahead);
      });
      connection.close();
    });
    assert.ok(served < 50);
  });
}

for (
  const [what, asked, head] of [
    ["for a WebSocket", "GET /", "Upgrade: websocket\r\nConnection: Upgrade\r\n"],
    ["for a tunnel", "CONNECT localhost:80", ""],
  ] as const
) {
  Deno.test(`a request ${what} behind one that has no answer yet resets the connection, and nothing stays of it`, async () => {
    const server = await serveHttp({
      host: "127.0.0.1",
      port: 0,
      fetch: () => new Promise<Response>(() => {}),
      log,
    });
    assert.ok(!("refused" in server));
    const connection = await Deno.connect({ hostname: server.host, port: server.port });
    const first = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    await connection.write(
      new TextEncoder().encode(`${first}${asked} HTTP/1.1\r\nHost: localhost\r\n${head}\r\n`),
    );
    await assert.rejects(readAll(connection), Deno.errors.ConnectionReset);
    let closed = false;
    void server.close(600_000).then(() => closed = true);
    await until("no connection is open any more", () => closed);
  });
}
