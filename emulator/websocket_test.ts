import assert from "node:assert/strict";
import { uniform } from "../adapters/venues/synthetic/noise.ts";
import { closeFrame, FrameReader, type Incoming, ProtocolError, textFrame } from "./websocket.ts";

/** A frame as a client sends it. */
function clientFrame(opcode: number, payload: Uint8Array, final = true): Uint8Array {
  const header = [(final ? 0x80 : 0) | opcode];
  const { length } = payload;
  if (length < 126) header.push(0x80 | length);
  else if (length < 65_536) header.push(0x80 | 126, length >> 8, length & 255);
  else header.push(0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >> shift) & 255));
  const mask = [1, 200, 33, 7];
  return new Uint8Array([...header, ...mask, ...payload.map((byte, at) => byte ^ mask[at & 3]!)]);
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Feeds the bytes in pieces of random length. */
function read(all: Uint8Array, seed: number): Incoming[] {
  const reader = new FrameReader();
  const found: Incoming[] = [];
  for (let at = 0, cut = 0; at < all.length; cut++) {
    const next = at + 1 + Math.floor(uniform(seed, cut) ** 4 * all.length);
    found.push(...reader.read(all.subarray(at, next)));
    at = next;
  }
  return found;
}

Deno.test("frame reader finds the same messages however the bytes are cut", () => {
  const texts = ["", "ping", "x".repeat(125), "y".repeat(126), "ü".repeat(400), "z".repeat(70_000)];
  const all = new Uint8Array(texts.flatMap((text) => [...clientFrame(1, bytes(text))]));
  for (let seed = 0; seed < 20; seed++) {
    assert.deepEqual(read(all, seed), texts.map((text) => ({ kind: "text", text })));
  }
});

Deno.test("frame reader joins fragments and lets control frames in between", () => {
  const all = [
    ...clientFrame(1, bytes("sub"), false),
    ...clientFrame(9, bytes("?")),
    ...clientFrame(0, bytes("scri"), false),
    ...clientFrame(0, bytes("be")),
    ...clientFrame(8, new Uint8Array([3, 232])),
  ];
  assert.deepEqual(read(new Uint8Array(all), 1), [
    { kind: "ping", payload: bytes("?") },
    { kind: "text", text: "subscribe" },
    { kind: "close", code: 1000 },
  ]);
});

Deno.test("frame reader refuses frames without mask and messages that are too big", () => {
  const code = (all: Uint8Array) => {
    try {
      read(all, 1);
    } catch (error) {
      assert(error instanceof ProtocolError);
      return error.code;
    }
  };
  assert.equal(code(textFrame("not masked").slice()), 1002);
  assert.equal(code(clientFrame(1, new Uint8Array(1024 * 1024 + 1))), 1009);
  assert.equal(code(clientFrame(3, new Uint8Array(0))), 1002);
});

Deno.test("frames out carry their length in the shortest form", () => {
  assert.deepEqual([...textFrame("hi")], [0x81, 2, 104, 105]);
  assert.deepEqual([...textFrame("x".repeat(126)).subarray(0, 4)], [0x81, 126, 0, 126]);
  assert.deepEqual([...textFrame("x".repeat(65_536)).subarray(0, 10)], [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual([...closeFrame(1009, "no")], [0x88, 4, 3, 241, 110, 111]);
});
