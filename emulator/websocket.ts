/** The server's half of WebSocket (RFC 6455): handshake answer, frames out, frames in. No extensions. */
import { createHash } from "node:crypto";
import type { RequestHead } from "./http.ts";

const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;
const FIN = 0x80;
const MASKED = 0x80;
/** More than any venue takes; OKX says 64 KB. */
const MOST_MESSAGE_BYTES = 1024 * 1024;

/** The 101 that accepts a handshake, or undefined where the request is none. */
export function acceptHandshake(head: RequestHead): Uint8Array | undefined {
  const key = head.headers.get("sec-websocket-key");
  if (head.method !== "GET" || key === undefined || !isUpgrade(head)) return undefined;
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return new TextEncoder().encode(
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
      `sec-websocket-accept: ${accept}\r\n\r\n`,
  );
}

export function isUpgrade(head: RequestHead): boolean {
  return head.headers.get("upgrade")?.toLowerCase() === "websocket";
}

const encoder = new TextEncoder();
let scratch = new Uint8Array(64 * 1024);
const MOST_HEADER_BYTES = 10;

/** A text message as one frame. The bytes are only valid until the next call. */
export function textFrame(text: string): Uint8Array {
  // UTF-8 takes at most three bytes for a UTF-16 unit.
  const most = MOST_HEADER_BYTES + text.length * 3;
  if (most > scratch.length) scratch = new Uint8Array(most * 2);
  const { written } = encoder.encodeInto(text, scratch.subarray(MOST_HEADER_BYTES));
  return withHeader(Opcode.text, written);
}

export function binaryFrame(payload: Uint8Array): Uint8Array {
  return copiedFrame(Opcode.binary, payload);
}

export function pongFrame(payload: Uint8Array): Uint8Array {
  return copiedFrame(Opcode.pong, payload);
}

export function closeFrame(code: number, reason: string): Uint8Array {
  const text = encoder.encode(reason).subarray(0, 123);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return copiedFrame(Opcode.close, payload);
}

function copiedFrame(opcode: number, payload: Uint8Array): Uint8Array {
  scratch.set(payload, MOST_HEADER_BYTES);
  return withHeader(opcode, payload.length).slice();
}

/** Writes the header right in front of a payload that begins at `MOST_HEADER_BYTES`. */
function withHeader(opcode: number, length: number): Uint8Array {
  const view = new DataView(scratch.buffer);
  let at = MOST_HEADER_BYTES;
  if (length < 126) {
    view.setUint8(at -= 1, length);
  } else if (length < 65_536) {
    view.setUint16(at -= 2, length);
    view.setUint8(at -= 1, 126);
  } else {
    view.setBigUint64(at -= 8, BigInt(length));
    view.setUint8(at -= 1, 127);
  }
  view.setUint8(at -= 1, FIN | opcode);
  return scratch.subarray(at, MOST_HEADER_BYTES + length);
}

export type Incoming =
  | { kind: "text"; text: string }
  | { kind: "binary" }
  | { kind: "ping"; payload: Uint8Array }
  | { kind: "pong" }
  | { kind: "close"; code: number };

/** Why the server must close: the peer broke the protocol. `code` is the close code to send. */
export class ProtocolError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Cuts the bytes of a connection into messages. */
export class FrameReader {
  #bytes = new Uint8Array(0);
  #parts: Uint8Array[] = [];
  #partsOpcode: number | undefined;

  /** Messages that are complete with these bytes. Throws ProtocolError. */
  *read(bytes: Uint8Array): Generator<Incoming> {
    const joined = new Uint8Array(this.#bytes.length + bytes.length);
    joined.set(this.#bytes);
    joined.set(bytes, this.#bytes.length);
    this.#bytes = joined;
    for (let frame = this.#cut(); frame !== undefined; frame = this.#cut()) {
      const message = this.#assemble(frame.opcode, frame.final, frame.payload);
      if (message !== undefined) yield message;
    }
  }

  #cut(): { opcode: number; final: boolean; payload: Uint8Array } | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 2) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if ((bytes[1]! & MASKED) === 0) throw new ProtocolError(1002, "Client frames must be masked");
    let length = bytes[1]! & 0x7f;
    let at = 2;
    if (length >= 126) {
      const wide = length === 127;
      if (bytes.length < (wide ? 10 : 4)) return undefined;
      length = wide ? Number(view.getBigUint64(2)) : view.getUint16(2);
      at = wide ? 10 : 4;
    }
    if (length > MOST_MESSAGE_BYTES) throw new ProtocolError(1009, "Message too big");
    if (bytes.length < at + 4 + length) return undefined;
    const mask = bytes.subarray(at, at + 4);
    const payload = bytes.slice(at + 4, at + 4 + length);
    for (let i = 0; i < length; i++) payload[i]! ^= mask[i & 3]!;
    this.#bytes = bytes.subarray(at + 4 + length);
    return { opcode: bytes[0]! & 0x0f, final: (bytes[0]! & FIN) !== 0, payload };
  }

  #assemble(opcode: number, final: boolean, payload: Uint8Array): Incoming | undefined {
    if (opcode === Opcode.ping) return { kind: "ping", payload };
    if (opcode === Opcode.pong) return { kind: "pong" };
    if (opcode === Opcode.close) {
      return { kind: "close", code: payload.length >= 2 ? payload[0]! * 256 + payload[1]! : 1005 };
    }
    if (opcode > Opcode.binary) throw new ProtocolError(1002, `Opcode ${opcode} is not known`);
    if (opcode !== Opcode.continuation) this.#partsOpcode = opcode;
    this.#parts.push(payload);
    const size = this.#parts.reduce((sum, part) => sum + part.length, 0);
    if (size > MOST_MESSAGE_BYTES) throw new ProtocolError(1009, "Message too big");
    if (!final) return undefined;
    const whole = this.#parts.length === 1 ? payload : concatenated(this.#parts, size);
    this.#parts = [];
    if (this.#partsOpcode === Opcode.binary) return { kind: "binary" };
    return { kind: "text", text: new TextDecoder().decode(whole) };
  }
}

function concatenated(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
