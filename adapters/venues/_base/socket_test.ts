import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { newTelemetry, telemetryOn } from "../../../core/app/telemetry.ts";
import { Arrivals } from "./feed.ts";
import { ClosingSockets, Socket, type SocketEnd } from "./socket.ts";
import { until } from "./testing.ts";

/** A text frame of two letters (RFC 6455, 5.2). */
const HI = new Uint8Array([0x81, 2, 104, 105]);

/** Accepts WebSockets and then says "hi" forever, but never answers a closing. */
class Clinging {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.TcpConn[] = [];
  readonly #accepting = this.#accept();
  #disposed = false;
  readonly #timer = setInterval(() => this.#greet(), 5);

  get url(): string {
    return `ws://127.0.0.1:${this.#listener.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    clearInterval(this.#timer);
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#connections) connection.close();
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      const buffer = new Uint8Array(4096);
      const read = await connection.read(buffer);
      const key = /sec-websocket-key: (.*)\r\n/i.exec(new TextDecoder().decode(buffer.subarray(0, read ?? 0)))
        ?.[1];
      // RFC 6455, 4.2.2.
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
      await connection.write(new TextEncoder().encode(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`));
      this.#connections.push(connection);
    }
  }

  #greet(): void {
    for (const connection of this.#connections) connection.write(HI).catch(() => {});
  }
}

/** Opens a socket and waits until it hears something. */
async function listening(url: string, closing: ClosingSockets) {
  const heard = { frames: 0, ends: [] as SocketEnd[] };
  const socket = new Socket(url, {
    opened: () => {},
    text: () => void heard.frames++,
    binary: () => {},
    ended: (end) => void heard.ends.push(end),
  }, closing);
  await until(() => heard.frames > 0, "a frame");
  return Object.assign(heard, { socket });
}

Deno.test("socket that was closed says nothing more, although the venue goes on sending", async () => {
  await using venue = new Clinging();
  const closing = new ClosingSockets();
  const first = await listening(venue.url, closing);
  first.socket.close();
  const { frames } = first;
  // Whatever a second one hears in the meantime, the first could have heard too.
  const second = await listening(venue.url, closing);
  await until(() => second.frames > 20, "twenty frames");
  assert.equal(first.frames, frames);
  assert.deepEqual(first.ends, []);
  assert.equal(closing.count, 1);
  second.socket.close();
  await venue[Symbol.asyncDispose]();
  await until(() => closing.count === 0, "let go of");
  assert.deepEqual(second.ends, []);
});

Deno.test("closed sockets that the venue does not let go of end the worker before they are too many", async () => {
  await using venue = new Clinging();
  const closing = new ClosingSockets(2);
  for (let n = 0; n < 2; n++) (await listening(venue.url, closing)).socket.close();
  const { socket } = await listening(venue.url, closing);
  assert.throws(() => socket.close(), /3 closed connections are not let go of by the venue/);
  await venue[Symbol.asyncDispose]();
  await until(() => closing.count === 0, "let go of");
});

Deno.test("arrivals move the heartbeat and look around at every 64th frame, without any timer", () => {
  const telemetry = telemetryOn(newTelemetry());
  const pulses: number[] = [];
  const arrivals = new Arrivals(telemetry, () => pulses.push(telemetry.frames));
  for (let n = 1; n <= 200; n++) arrivals.count(10, n);
  assert.deepEqual(pulses, [64, 128, 192]);
  const { heartbeat, frames, bytes, lastFrameTime } = telemetry;
  assert.deepEqual([heartbeat, frames, bytes, lastFrameTime], [3, 200, 2_000, 200]);
});
