import assert from "node:assert/strict";
import http from "node:http";
import type { Duplex } from "node:stream";
import { until } from "../../tests/program/process.ts";
import { frame, OPCODE, Peer } from "../../tests/websocket.ts";
import type { MessageSocket, Upgrade } from "../../core/ports/connection.ts";
import { serveHttp } from "./serve.ts";
import { log } from "./testing.ts";
import { WebSockets } from "./websocket.ts";

const text = new TextEncoder();

/** What the server's side of a connection saw. */
class Side {
  readonly messages: string[] = [];
  silences = 0;
  ends = 0;

  constructor(readonly socket: MessageSocket) {}

  message(data: Uint8Array, binary: boolean): void {
    this.messages.push(`${binary ? "binary" : "text"} ${new TextDecoder().decode(data)}`);
  }

  silent(): void {
    this.silences++;
  }

  closed(): void {
    this.ends++;
  }
}

/** A server whose handler makes every request a WebSocket, or does as `handler` says. */
async function listen(
  handler = (upgrade: Upgrade | undefined, opened: Parameters<Upgrade>[1]) => {
    upgrade?.(undefined, opened);
    return new Response(null);
  },
) {
  const sides: Side[] = [];
  const opened: Parameters<Upgrade>[1] = (socket) => {
    const side = new Side(socket);
    sides.push(side);
    return side;
  };
  const fetch = (_: Request, { upgrade }: { upgrade?: Upgrade }) => handler(upgrade, opened);
  const server = await serveHttp({ host: "127.0.0.1", port: 0, fetch, log });
  assert.ok(!("refused" in server));
  return {
    port: server.port,
    sides,
    /** Resolves when no connection is open any more, and fails where one stays. */
    async untilNoneIsOpen() {
      let done = false;
      void server.close(600_000).then(() => done = true);
      await until("no connection is open any more", () => done);
    },
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

/** Connections that are taken over as such, and pinged when the test says so. */
async function listenBare() {
  const sockets = new WebSockets({ error: () => {} });
  const sides: Side[] = [];
  const server = http.createServer();
  server.on("upgrade", (request: http.IncomingMessage, connection: Duplex, head: Uint8Array) => {
    connection.on("error", () => connection.destroy());
    sockets.accept(request, connection, head, [undefined, (socket) => {
      const side = new Side(socket);
      sides.push(side);
      return side;
    }]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    sides,
    sockets,
    async [Symbol.asyncDispose]() {
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("messages go both ways, whole, and say whether they are text", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port, { more: frame(OPCODE.text, text.encode("early")) });
  assert.equal(await peer.read(), 101);
  await peer.send(frame(OPCODE.binary, text.encode("in "), false));
  await peer.send(frame(OPCODE.continuation, text.encode("pieces")));
  await until("both arrived", () => server.sides[0]?.messages.length === 2);
  peer.answers = true;
  const [side] = server.sides;
  assert.deepEqual(side!.messages, ["text early", "binary in pieces"]);
  assert.equal(await side!.socket.send(text.encode("one"), false), true);
  assert.equal(await side!.socket.send(text.encode("x".repeat(70_000)), true), true);
  await until("both are there", () => peer.frames.length === 3);
  assert.deepEqual(peer.kinds, [OPCODE.text, OPCODE.binary, OPCODE.ping]);
  assert.equal(peer.frames[1]!.payload.length, 70_000);
});

Deno.test("a peer that answers pings stays, one that does not is reset when the next is due", async () => {
  await using server = await listenBare();
  using well = await Peer.connect(server.port);
  using gone = await Peer.connect(server.port);
  assert.deepEqual([await well.read(), await gone.read()], [101, 101]);
  await until("both are open", () => server.sides.length === 2);
  for (let round = 1; round <= 3; round++) {
    server.sockets.ping();
    await until("it is pinged", () => well.frames.length === round);
    // What comes after the answer comes when the answer was read.
    await well.send(frame(OPCODE.pong, well.frames.at(-1)!.payload));
    await well.send(frame(OPCODE.text, text.encode("here")));
    await until("the answer is there", () => server.sides.some(({ messages }) => messages.length === round));
  }
  await until("the other is gone", () => gone.end);
  assert.equal(gone.end, "reset");
  assert.deepEqual(gone.kinds, [OPCODE.ping]);
  assert.equal(well.end, undefined);
  await until("its end is told", () => server.sides.some(({ ends }) => ends === 1));
  assert.deepEqual(server.sides.map(({ silences, ends }) => `${silences} ${ends}`).sort(), ["0 0", "1 1"]);
});

Deno.test("no more is sent than the peer has room for, by the pings that it has answered", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await peer.read();
  const { socket } = server.sides[0]!;
  let sent = 0;
  const sending = (async () => {
    for (; sent < 100; sent++) await socket.send(new Uint8Array(10_000), true);
  })();
  const received = () => peer.kinds.filter((opcode) => opcode === OPCODE.binary).length;
  const pings = () => peer.frames.filter(({ opcode }) => opcode === OPCODE.ping);
  await until("it stops", () => pings().length > 0 && received() === sent + 1);
  assert.ok(sent >= 3 && sent <= 7, `${sent} were sent`);
  await peer.send(frame(OPCODE.pong, new Uint8Array(8)));
  await peer.send(frame(OPCODE.pong, text.encode("what was never asked")));
  for (let answered = 0; sent < 100; answered++) {
    await until("it goes on, or asks", () => pings().length > answered || sent === 100);
    // It asks after every fourth message, and may be 64 KiB and one message ahead of the answers.
    const most = (4 * answered + 1) * 10_000 + answered + 65_536;
    assert.ok(received() * 10_000 <= most, `${received()} after ${answered} answers`);
    if (sent < 100) await peer.send(frame(OPCODE.pong, pings()[answered]!.payload));
  }
  await sending;
});

Deno.test("a message that is too large ends the connection with code 1009", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await peer.read();
  await peer.send(frame(OPCODE.text, new Uint8Array(16_384).fill(32)));
  await until("the largest message arrives", () => server.sides[0]?.messages.length === 1);
  await peer.send(frame(OPCODE.text, new Uint8Array(16_385).fill(32)));
  await until("it is told", () => peer.frames.length === 1);
  const { opcode, payload } = peer.frames[0]!;
  assert.deepEqual([opcode, new DataView(payload.buffer).getUint16(0)], [OPCODE.close, 1009]);
  await until("it is over", () => server.sides[0]!.ends === 1);
  assert.equal(server.sides[0]!.messages.length, 1);
});

Deno.test("a peer that speaks no WebSocket after the handshake is disconnected", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await peer.read();
  await peer.send(text.encode("GET / HTTP/1.1\r\n\r\n"));
  await until("it is over", () => server.sides[0]!.ends === 1 && peer.end);
  assert.deepEqual(server.sides[0]!.messages, []);
});

Deno.test("a goodbye is said after what was sent, and the connection ends when it is answered", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await peer.read();
  const { socket } = server.sides[0]!;
  const sent = socket.send(text.encode("last"), false);
  socket.close(1001, "Shutting down");
  assert.equal(await sent, true);
  await until("it is told", () => peer.frames.length === 2);
  assert.deepEqual(peer.kinds, [OPCODE.text, OPCODE.close]);
  assert.equal(new TextDecoder().decode(peer.frames[1]!.payload.subarray(2)), "Shutting down");
  assert.equal(await socket.send(text.encode("too late"), false), false);
  await peer.send(frame(OPCODE.close, peer.frames[1]!.payload.subarray(0, 2)));
  await until("it is over", () => peer.end);
  assert.equal(peer.end, "whole");
  await until("its end is told", () => server.sides[0]!.ends === 1);
  await server.untilNoneIsOpen();
});

Deno.test("a peer that says goodbye is answered, and its end told once", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await peer.read();
  await peer.send(frame(OPCODE.close, new Uint8Array([3, 232])));
  await until("it is over", () => peer.end && server.sides[0]!.ends === 1);
  assert.deepEqual(peer.kinds, [OPCODE.close]);
  await server.untilNoneIsOpen();
});

Deno.test("what waits for a peer that does not read fails when it is reset, and so does what comes after", async () => {
  await using server = await listen();
  using peer = await Peer.connect(server.port);
  await until("it is open", () => server.sides.length === 1);
  const { socket } = server.sides[0]!;
  const megabyte = new Uint8Array(1 << 20);
  const sent = Array.from({ length: 64 }, () => socket.send(megabyte, true));
  socket.reset();
  assert.deepEqual([...new Set(await Promise.all(sent))], [false]);
  assert.equal(await socket.send(megabyte, true), false);
  await until("its end is told", () => server.sides[0]!.ends === 1);
  await peer.read();
  await until("the peer finds out", () => peer.end);
  assert.equal(peer.end, "reset");
});

for (
  const [what, headers] of [
    ["without a key", { "Sec-WebSocket-Key": "" }],
    ["with a key that is none", { "Sec-WebSocket-Key": "short" }],
    ["of a version that nobody speaks", { "Sec-WebSocket-Version": "7" }],
    ["with subprotocols that are no list", { "Sec-WebSocket-Protocol": ",;" }],
  ] as [string, Record<string, string>][]
) {
  Deno.test(`a handshake ${what} is refused, and leaves no connection behind`, async () => {
    await using server = await listen();
    using peer = await Peer.connect(server.port, { headers });
    peer.holds = true;
    assert.equal(await peer.read(), 400);
    await until("the connection ends", () => peer.end);
    assert.equal(server.sides.length, 0);
    await server.untilNoneIsOpen();
  });
}

Deno.test("an upgrade that the handler does not take leaves no connection behind, even if the peer never closes", async () => {
  await using server = await listen(() => new Response("No place", { status: 503 }));
  using peer = await Peer.connect(server.port);
  peer.holds = true;
  assert.equal(await peer.read(), 503);
  await until("the connection ends", () => peer.end);
  await server.untilNoneIsOpen();
});

Deno.test("a handler that fails once it has the socket leaves none behind", async () => {
  const failures: string[] = [];
  log.error = (message) => failures.push(message);
  await using server = await listen((upgrade) => {
    upgrade?.(undefined, () => {
      throw new Error("A bug");
    });
    return new Response(null);
  });
  using peer = await Peer.connect(server.port);
  await peer.read();
  await until("the connection ends", () => peer.end);
  assert.equal(peer.end, "reset");
  assert.deepEqual(failures, ["Answer could not be sent"]);
  await server.untilNoneIsOpen();
});
