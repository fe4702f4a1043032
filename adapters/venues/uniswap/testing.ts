/** For tests: a node on loopback that answers JSON-RPC over HTTP and WebSocket as it is told to. */
import { until } from "../_base/testing.ts";

export interface Asked {
  id: number;
  method: string;
  params: unknown[];
}

export class TinyNode {
  readonly url: string;
  readonly wsUrl: string;
  /** All calls, and how many came in each request over HTTP. */
  readonly asked: Asked[] = [];
  readonly batches: number[] = [];
  readonly sockets: WebSocket[] = [];
  /** The result of a call. */
  resultOf: (call: Asked) => unknown = ({ method }) => method;
  /** Answers a request over HTTP, where it is not undefined. */
  answer: (calls: Asked[]) => Response | Promise<Response> | undefined = () => undefined;
  /** Answers a call over the WebSocket. */
  onFrame: (call: Asked, socket: WebSocket) => void = (call, socket) => socket.send(this.said(call));
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (http) => this.#serve(http));
    const host = `127.0.0.1:${this.#server.addr.port}/`;
    this.url = `http://${host}`;
    this.wsUrl = `ws://${host}`;
  }

  object(call: Asked): Record<string, unknown> {
    return { jsonrpc: "2.0", id: call.id, result: this.resultOf(call) };
  }

  said(call: Asked): string {
    return JSON.stringify(this.object(call));
  }

  notify(subscription: string, result: unknown): void {
    const frame = { jsonrpc: "2.0", method: "eth_subscription", params: { subscription, result } };
    for (const socket of this.open) socket.send(JSON.stringify(frame));
  }

  get open(): WebSocket[] {
    return this.sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.close();
    const closed = () => this.sockets.every((socket) => socket.readyState === WebSocket.CLOSED);
    await until(closed, "sockets closed");
    await this.#server.shutdown();
  }

  async #serve(http: Request): Promise<Response> {
    if (http.headers.get("upgrade") === "websocket") return this.#accept(http);
    const body = await http.json() as Asked | Asked[];
    const calls = Array.isArray(body) ? body : [body];
    this.asked.push(...calls);
    this.batches.push(calls.length);
    const own = await this.answer(calls);
    if (own !== undefined) return own;
    return Response.json(Array.isArray(body) ? calls.map((call) => this.object(call)) : this.object(body));
  }

  #accept(http: Request): Response {
    const { socket, response } = Deno.upgradeWebSocket(http, { idleTimeout: 0 });
    this.sockets.push(socket);
    socket.onmessage = ({ data }) => {
      const call = JSON.parse(data) as Asked;
      this.asked.push(call);
      this.onFrame(call, socket);
    };
    return response;
  }
}
