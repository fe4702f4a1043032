/** WebSockets by hand (RFC 6455): a client that does as much or as little of the protocol as a test wants. */
import { until } from "./program/process.ts";

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The request that asks for one. The key is that of the RFC's example. */
export function handshake(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const all: Record<string, string> = {
    Host: host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).filter(([_, value]) => value !== "").map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

/** A frame of a client. The mask is zero, which is as valid as any other. */
export function frame(opcode: number, payload: Uint8Array, last = true): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const long = length < 126 ? 0 : 2;
  if (length > 65_535) throw new Error("Clients of tests send no frames above 64 KiB");
  const whole = new Uint8Array(2 + long + 4 + length);
  whole[0] = (last ? 0x80 : 0) | opcode;
  whole[1] = 0x80 | (long === 0 ? length : 126);
  if (long > 0) new DataView(whole.buffer).setUint16(2, length);
  whole.set(payload, 2 + long + 4);
  return whole;
}

/** Cuts what a server sends into frames; a piece may end anywhere. Frames of servers are not masked. */
export class FrameCutter {
  #rest: Uint8Array | undefined;
  readonly #take: (opcode: number, payload: Uint8Array) => void;

  /** `payload` is only valid during the call. */
  constructor(take: (opcode: number, payload: Uint8Array) => void) {
    this.#take = take;
  }

  push(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#rest) {
      bytes = new Uint8Array(this.#rest.length + piece.length);
      bytes.set(this.#rest);
      bytes.set(piece, this.#rest.length);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (bytes.length - at >= 2) {
      const short = bytes[at + 1]! & 0x7f;
      const head = short === 126 ? 4 : short === 127 ? 10 : 2;
      if (bytes.length - at < head) break;
      const length = short === 126
        ? view.getUint16(at + 2)
        : short === 127
        ? Number(view.getBigUint64(at + 2))
        : short;
      if (bytes.length - at < head + length) break;
      this.#take(bytes[at]! & 0x0f, bytes.subarray(at + head, at + head + length));
      at += head + length;
    }
    this.#rest = at === bytes.length ? undefined : bytes.slice(at);
  }
}

export interface PeerOptions {
  path?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent in the same piece as the handshake. */
  more?: Uint8Array;
}

/** A client that reads all the time from `read` on, and does nothing else by itself but what it is told to. */
export class Peer implements Disposable {
  readonly frames: { opcode: number; payload: Uint8Array }[] = [];
  head = "";
  end: "whole" | "reset" | undefined;
  /** It answers pings. */
  answers = false;
  /** It never ends its own side of the connection. */
  holds = false;
  readonly connection: Deno.TcpConn;
  readonly #cutter = new FrameCutter((opcode, payload) => {
    this.frames.push({ opcode, payload: payload.slice() });
    if (this.answers && opcode === OPCODE.ping) void this.send(frame(OPCODE.pong, payload));
  });

  private constructor(connection: Deno.TcpConn) {
    this.connection = connection;
  }

  static async connect(
    port: number,
    { path = "/", headers = {}, more = new Uint8Array() }: PeerOptions = {},
  ): Promise<Peer> {
    const peer = new Peer(await Deno.connect({ hostname: "127.0.0.1", port }));
    const request = new TextEncoder().encode(handshake(`127.0.0.1:${port}`, path, headers));
    await peer.send(new Uint8Array([...request, ...more]));
    return peer;
  }

  /** Reads from now on. Resolves with the status of the answer. */
  async read(): Promise<number> {
    void this.#readAll();
    await until("there is an answer", () => this.head.includes("\r\n\r\n"));
    return Number(this.head.split(" ")[1]);
  }

  async #readAll(): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (;;) {
        const count = await this.connection.read(buffer);
        if (count === null) break;
        this.#take(buffer.subarray(0, count));
      }
      this.end = "whole";
      if (!this.holds) this.connection.close();
    } catch {
      this.end = "reset";
    }
  }

  #take(piece: Uint8Array): void {
    if (this.head.includes("\r\n\r\n")) return this.#cutter.push(piece);
    const latin = this.head + new TextDecoder("latin1").decode(piece);
    const end = latin.indexOf("\r\n\r\n");
    this.head = end < 0 ? latin : latin.slice(0, end + 4);
    if (end >= 0) this.#cutter.push(piece.slice(piece.length - (latin.length - end - 4)));
  }

  async send(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  get kinds(): number[] {
    return this.frames.map(({ opcode }) => opcode);
  }

  [Symbol.dispose](): void {
    try {
      this.connection.close();
    } catch { /* It is closed. */ }
  }
}
