import assert from "node:assert/strict";
import { encode, get, readAll, serving, stream, until } from "./testing.ts";

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
