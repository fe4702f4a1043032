/** Messages of streams as they come over a bare connection, in each form, with as little work as will do. */
import { Buffer } from "node:buffer";
import { fromBinary } from "@bufbuild/protobuf";
import { StreamMessageSchema } from "../../../proto/gen/marketflow_pb.ts";
import { FrameCutter, handshake, OPCODE } from "../../websocket.ts";

export const FORMS = ["sse", "json", "protobuf"] as const;
export type Form = typeof FORMS[number];

/** `other` is nothing that happened: a sign of life, a confirmation. Bytes are valid during the call only. */
export interface Message {
  kind: "snapshot" | "event" | "other";
  id: number;
  bytes: Uint8Array;
}

export interface Decoded {
  /** Symbol and size, by id, of a snapshot. */
  snapshot?: Map<string, [symbol: string, size: number]>;
  put?: [id: string, symbol: string, size: number];
  closed?: string;
}

/** The request that opens a stream of this form. HTTP/1.0 gets events without the frames of chunks. */
export function requestFor(form: Form, host: string, lastId: number | undefined): string {
  if (form === "sse") {
    const back = lastId === undefined ? "" : `Last-Event-ID: ${lastId}\r\n`;
    return `GET /opportunities/stream HTTP/1.0\r\nHost: ${host}\r\n${back}\r\n`;
  }
  const query = lastId === undefined ? "" : `?lastSequence=${lastId}`;
  return handshake(host, `/opportunities/ws${query}`, { "Sec-WebSocket-Protocol": `marketflow.v1.${form}` });
}

/** Cuts what comes after the head into messages. `pong` sends the answer to a ping. */
export function cutterFor(
  form: Form,
  take: (message: Message) => void,
  pong: (payload: Uint8Array) => void,
): { push(piece: Uint8Array): void } {
  if (form === "sse") return new EventCutter(take);
  return new FrameCutter((opcode, payload) => {
    if (opcode === OPCODE.ping) pong(payload);
    else if (opcode === OPCODE.text) take(textMessage(payload));
    else if (opcode === OPCODE.binary) take(binaryMessage(payload));
  });
}

class EventCutter {
  #rest = Buffer.alloc(0);

  constructor(readonly take: (message: Message) => void) {}

  push(piece: Uint8Array): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : asBuffer(piece);
    let at = 0;
    for (let end = bytes.indexOf("\n\n"); end >= 0; end = bytes.indexOf("\n\n", at)) {
      this.take(eventMessage(bytes.subarray(at, end)));
      at = end + 2;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);
}

/** `id: 7\nevent: snapshot\ndata: {…}`, or a comment. */
function eventMessage(bytes: Buffer): Message {
  if (bytes.indexOf("id: ") !== 0) return { kind: "other", id: 0, bytes };
  const line = bytes.indexOf(10);
  const kind = bytes[line + 8] === 0x73 ? "snapshot" : "event";
  return { kind, id: Number(bytes.toString("latin1", 4, line)), bytes };
}

/** `{"sequence":7,"opportunityUpdate":{…}}`; what shows nothing has no sequence. */
function textMessage(payload: Uint8Array): Message {
  const bytes = asBuffer(payload);
  const head = bytes.toString("latin1", 0, 60);
  const [_, id, name] = /^\{"sequence":(\d+),"(\w+)"/u.exec(head) ?? [];
  const kind = name === "opportunitySnapshot"
    ? "snapshot"
    : name?.startsWith("opportunity")
    ? "event"
    : "other";
  return { kind, id: Number(id ?? 0), bytes };
}

/** Field 1 is the sequence, the next one says what it is. */
function binaryMessage(bytes: Uint8Array): Message {
  if (bytes[0] !== 0x08) return { kind: "other", id: 0, bytes };
  let id = 0;
  let at = 1;
  for (let factor = 1;; factor *= 128) {
    const byte = bytes[at++]!;
    id += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  const field = bytes[at]! >> 3;
  return { kind: field === 3 ? "snapshot" : field === 4 || field === 5 ? "event" : "other", id, bytes };
}

export function decode(form: Form, bytes: Uint8Array): Decoded {
  if (form === "protobuf") return decodeBinary(bytes);
  const text = new TextDecoder().decode(bytes);
  if (form === "json") {
    const { opportunitySnapshot, opportunityUpdate: put, opportunityClose: closed } = JSON.parse(text);
    return decodedOf(opportunitySnapshot?.opportunities, put, closed);
  }
  const [_, kind, data] = /^id: \d+\nevent: (\w+)\ndata: (.*)$/su.exec(text)!;
  const body = JSON.parse(data!);
  return decodedOf(
    kind === "snapshot" ? body.opportunities : undefined,
    kind === "opportunity" ? body : undefined,
    kind === "closed" ? body : undefined,
  );
}

function decodeBinary(bytes: Uint8Array): Decoded {
  const { message } = fromBinary(StreamMessageSchema, bytes);
  switch (message.case) {
    case "opportunitySnapshot":
      return decodedOf(message.value.opportunities, undefined, undefined);
    case "opportunityUpdate":
      return decodedOf(undefined, message.value, undefined);
    case "opportunityClose":
      return decodedOf(undefined, undefined, message.value.opportunity);
    default:
      return {};
  }
}

interface Shown {
  id: string;
  symbol: string;
  sizeBase: number;
}

function decodedOf(
  snapshot: Shown[] | undefined,
  put: Shown | undefined,
  closed: { id: string } | undefined,
) {
  return {
    ...(snapshot &&
      { snapshot: new Map(snapshot.map((one) => [one.id, [one.symbol, one.sizeBase] as [string, number]])) }),
    ...(put && { put: [put.id, put.symbol, put.sizeBase] as [string, string, number] }),
    ...(closed && { closed: closed.id }),
  };
}

/** When the program made an event, ms; of JSON in any form. */
export function madeAt(bytes: Uint8Array): number | undefined {
  const buffer = asBuffer(bytes);
  const closed = buffer.lastIndexOf('"closedAt":');
  const at = closed >= 0 ? closed + 11 : buffer.lastIndexOf('"updatedAt":') + 12;
  return at < 12 && closed < 0 ? undefined : Number.parseInt(buffer.toString("latin1", at, at + 13));
}
