/** A client of the WebSocket streams that shares no code with the program: Deno's WebSocket, and protobufjs on the schema. */
import assert from "node:assert/strict";
import { protobufjs } from "../tools/protobufjs.ts";
import { until } from "./program.ts";

const schema = protobufjs.parse(
  Deno.readTextFileSync(new URL("../../proto/marketflow.proto", import.meta.url)),
).root;
const StreamMessage = schema.lookupType("marketflow.v1.StreamMessage");
const ClientMessage = schema.lookupType("marketflow.v1.ClientMessage");

/** A message with the name of its kind, whatever form it came in. */
export interface Message {
  sequence: number;
  kind: string;
  // deno-lint-ignore no-explicit-any
  body: any;
}

export class SocketClient {
  readonly messages: Message[] = [];
  /** What frames came: "binary" or "text". */
  readonly forms = new Set<string>();
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code, reason }) => this.closed = { code, reason };
  }

  /** `url` begins with http; resolves when the socket is open. */
  static async open(url: string, protocols: string[] = []): Promise<SocketClient> {
    const socket = new WebSocket(url.replace(/^http/u, "ws"), protocols);
    const client = new SocketClient(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
    });
    socket.onerror = () => {};
    return client;
  }

  get protocol(): string {
    return this.#socket.protocol;
  }

  get kinds(): string[] {
    return this.messages.map(({ kind }) => kind);
  }

  get last(): Message {
    return this.messages.at(-1)!;
  }

  #take(data: ArrayBuffer | string): void {
    this.forms.add(typeof data === "string" ? "text" : "binary");
    if (typeof data === "string") {
      const { sequence = 0, ...message } = JSON.parse(data);
      const [[kind, body]] = Object.entries(message) as [[string, unknown]];
      this.messages.push({ sequence, kind, body });
      return;
    }
    const message = StreamMessage.decode(new Uint8Array(data));
    const { message: kind } = message as unknown as { message: string };
    const plain = StreamMessage.toObject(message, { longs: Number, enums: String, oneofs: true });
    this.messages.push({ sequence: plain.sequence ?? 0, kind, body: plain[kind] });
  }

  /** Waits for messages of just these kinds, from the first on. */
  async until(...kinds: string[]): Promise<Message[]> {
    await until(`the socket says ${kinds}, it said ${this.kinds}`, () => this.kinds.length >= kinds.length);
    assert.deepEqual(this.kinds, kinds);
    return this.messages;
  }

  subscribe(filter: { symbol?: string; exchange?: string; minNetBps?: number; lastSequence?: number }): void {
    if (this.protocol === "marketflow.v1.json") return this.send(JSON.stringify({ subscribe: filter }));
    this.send(ClientMessage.encode(ClientMessage.fromObject({ subscribe: filter })).finish());
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data as Uint8Array<ArrayBuffer>);
  }

  async leave(): Promise<void> {
    this.#socket.close();
    await until("the socket is closed", () => this.closed);
  }
}
