import assert from "node:assert/strict";
import type { Connection, Exchange } from "../../core/ports/connection.ts";
import type { Log } from "../../core/ports/log.ts";
import { type HttpServer, serveHttp } from "./serve.ts";

const WITHIN_MS = 20_000;

const log: Log = {
  debug() {},
  info() {},
  warning() {},
  error(message, fields) {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
  with: () => log,
};

type Fetch = (
  request: Request,
  bindings: { connection: Connection; exchange: Exchange },
) => Response | Promise<Response>;

async function serving(
  fetch: Fetch,
  use: (server: HttpServer) => Promise<void>,
  options: { stalledAfterMs?: number } = {},
): Promise<void> {
  const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch, log, ...options });
  assert.ok(!("refused" in server), "Server does not listen");
  try {
    await use(server);
  } finally {
    await server.close(0);
  }
}

/** A client that reads only when told to. */
async function get(server: HttpServer, path = "/", head = "", version = "1.1"): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: server.host, port: server.port });
  const request = `GET ${path} HTTP/${version}\r\nHost: ${server.host}:${server.port}\r\n${head}\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return connection;
}

async function readAll(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  for await (const bytes of connection.readable) text += new TextDecoder().decode(bytes);
  return text;
}

async function until(what: string, done: () => boolean): Promise<void> {
  const end = Date.now() + WITHIN_MS;
  while (!done()) {
    assert.ok(Date.now() < end, `Waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A stream of `text/event-stream` that never ends by itself. */
function stream(source: Partial<UnderlyingDefaultSource<Uint8Array>>): Response {
  const body = new ReadableStream(source, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

Deno.test("an answer arrives whole, with its status, headers, cookies and length", async () => {
  const headers = new Headers({ "content-type": "text/plain", "x-one": "1" });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");
  await serving(() => new Response("nothing", { status: 404, headers }), async (server) => {
    const response = await fetch(`http://${server.host}:${server.port}/`);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get("x-one"), "1");
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(response.headers.get("content-length"), "7");
    assert.equal(await response.text(), "nothing");
  });
});

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

Deno.test("the first bytes of a stream arrive while it goes on", async () => {
  let more: ReadableStreamDefaultController<Uint8Array> | undefined;
  await serving(() =>
    stream({
      start(controller) {
        more = controller;
        controller.enqueue(new TextEncoder().encode("one\n"));
      },
    }), async (server) => {
    const response = await fetch(`http://${server.host}:${server.port}/`);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "one\n");
    more!.enqueue(new TextEncoder().encode("two\n"));
    assert.equal((await reader.read()).value, "two\n");
    more!.close();
    assert.equal((await reader.read()).done, true);
  });
});

Deno.test("a reader that leaves cancels its stream", async () => {
  let cancelled = false;
  await serving(() => stream({ cancel: () => void (cancelled = true) }), async (server) => {
    const connection = await get(server);
    await connection.read(new Uint8Array(1024));
    connection.close();
    await until("the stream is cancelled", () => cancelled);
  });
});

Deno.test("a stream is pulled no further than its reader takes, and a reset ends the connection of one that stopped", async () => {
  const chunk = new Uint8Array(65_536).fill(65);
  let pulled = 0;
  let pulledAt = 0;
  let cancelled = false;
  let reset = () => {};
  await serving((_, { connection }) => {
    reset = () => connection.reset();
    return stream({
      pull(controller) {
        pulled += chunk.length;
        pulledAt = Date.now();
        controller.enqueue(chunk);
      },
      cancel: () => void (cancelled = true),
    });
  }, async (server) => {
    const connection = await get(server);
    await until("the kernel's buffers are full", () => pulled > 0 && Date.now() - pulledAt > 300);
    assert.ok(pulled < 64 << 20, `The stream ran on: ${pulled} bytes`);
    assert.equal(cancelled, false);
    reset();
    await until("the stream is cancelled", () => cancelled);
    // What is left in this end's buffer may still be read; then the connection has ended, and far short of all.
    let read = 0;
    let end: "open" | "reset" | "closed" = "open";
    while (end === "open") {
      const count = await connection.read(chunk).catch(() => "reset" as const);
      if (count === "reset") end = "reset";
      else if (count === null) end = "closed";
      else read += count;
    }
    assert.equal(end, "reset");
    assert.ok(read < pulled);
    connection.close();
  });
});

Deno.test("a stream that fails breaks off, so that its reader does not take it for whole", async () => {
  await serving(() => stream({ pull: () => Promise.reject(new Error("Broken")) }), async (server) => {
    const response = await fetch(`http://${server.host}:${server.port}/`).catch(() => undefined);
    await assert.rejects(async () => {
      if (!response) throw new Error("No answer at all");
      await response.text();
    });
  });
});

/** A long answer that comes in chunks, of any type. */
function chunked(source: Partial<UnderlyingDefaultSource<Uint8Array>>): Response {
  const body = new ReadableStream(source, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": "text/csv", "transfer-encoding": "chunked" } });
}

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("an answer in chunks is passed on piece by piece, and a piece without bytes does not end it", async () => {
  const pieces = ["one,", "", "two,", "three"];
  let sent = 0;
  let go = () => {};
  await serving(() =>
    chunked({
      async pull(controller) {
        if (sent === 1) await new Promise<void>((resolve) => go = resolve);
        if (sent < pieces.length) controller.enqueue(encode(pieces[sent++]!));
        else controller.close();
      },
    }), async (server) => {
    const response = await fetch(`http://${server.host}:${server.port}/`);
    assert.equal(response.headers.get("content-length"), null);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal((await reader.read()).value, "one,");
    assert.equal(sent, 1);
    go();
    let rest = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) rest += piece.value;
    assert.equal(rest, "two,three");
  });
});

Deno.test("HTTP/1.0 gets the bytes alone, without the frames of chunks", async () => {
  await serving(() =>
    chunked({
      start(controller) {
        controller.enqueue(encode("a,b\r\n"));
        controller.close();
      },
    }), async (server) => {
    const text = await readAll(await get(server, "/", "", "1.0"));
    assert.doesNotMatch(text, /transfer-encoding/iu);
    assert.equal(text.split("\r\n\r\n")[1], "a,b\r\n");
  });
});

for (const version of ["1.0", "1.1"]) {
  Deno.test(`an answer in chunks that fails in the middle is reset for HTTP/${version}: an end would look whole`, async () => {
    let fail = () => {};
    await serving(() =>
      chunked({
        start(controller) {
          controller.enqueue(encode("a,b\r\n"));
          fail = () => controller.error(new Error("Broken"));
        },
      }), async (server) => {
      const connection = await get(server, "/", "", version);
      assert.ok(await connection.read(new Uint8Array(4096)));
      fail();
      await assert.rejects(readAll(connection), Deno.errors.ConnectionReset);
    });
  });
}

Deno.test("a reader that stops in the middle of an answer in chunks is cut, and the answer ends", async () => {
  const chunk = new Uint8Array(1 << 20);
  let cancelled = false;
  await serving(() =>
    chunked({
      pull: (controller) => controller.enqueue(chunk),
      cancel: () => void (cancelled = true),
    }), async (server) => {
    const connection = await get(server);
    await until("the answer is cancelled", () => cancelled);
    connection.close();
  }, { stalledAfterMs: 50 });
});

Deno.test("a reader that stops in the middle of an ordinary answer is cut, too", async () => {
  let ended = false;
  await serving((_, { exchange }) => {
    exchange.ended(() => ended = true);
    return new Response(new Uint8Array(1 << 25));
  }, async (server) => {
    const connection = await get(server);
    await until("the answer ends", () => ended);
    await assert.rejects(readAll(connection), Deno.errors.ConnectionReset);
  }, { stalledAfterMs: 50 });
});

Deno.test("an answer that waits for a stream before it does not end that", async () => {
  let sent: ReadableStreamDefaultController<Uint8Array> | undefined;
  let asked = false;
  await serving((request) => {
    if (request.url.endsWith("/stream")) return stream({ start: (controller) => void (sent = controller) });
    asked = true;
    return new Response("second");
  }, async (server) => {
    const connection = await get(server, "/stream");
    await until("the stream is open", () => sent !== undefined);
    await connection.write(new TextEncoder().encode("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    await until("the second request is there", () => asked);
    // Several times as long as a reader may take nothing.
    await new Promise((resolve) => setTimeout(resolve, 300));
    sent!.enqueue(new TextEncoder().encode("still there"));
    sent!.close();
    let text = "";
    const buffer = new Uint8Array(4096);
    while (!text.endsWith("second")) {
      const count = await connection.read(buffer);
      assert.ok(count !== null, `It ended after ${text}`);
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
    assert.match(text, /still there/u);
    connection.close();
  }, { stalledAfterMs: 50 });
});

Deno.test("a reader that leaves ends an answer in chunks", async () => {
  let cancelled = false;
  await serving(() =>
    chunked({
      pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
      cancel: () => void (cancelled = true),
    }), async (server) => {
    const connection = await get(server);
    await connection.read(new Uint8Array(1024));
    connection.close();
    await until("the answer is cancelled", () => cancelled);
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
