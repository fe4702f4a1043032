/**
 * Stands between the program and a node, over HTTP and WebSocket, and does what nodes and networks do: cut,
 * drop, refuse, invent.
 */
import { until } from "../program/process.ts";

export interface RelayedCall {
  id: number;
  method: string;
  params: unknown[];
}

interface Line {
  /** Counts from 1. */
  nth: number;
  client: WebSocket;
  node: WebSocket;
  /** What was subscribed to, by the id of the call, then by the id of the subscription. */
  asked: Map<number, string>;
  subscriptions: Map<string, string>;
}

export class Relay implements AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  /** Answers a call over HTTP in the node's place: its result or error, by these names. Undefined: the node answers. */
  answer: (call: RelayedCall) => object | undefined = () => undefined;
  /** Notifications of these subscriptions do not arrive. */
  readonly swallowed = new Set<"newHeads" | "logs">();
  /** New connections over WebSocket are refused. */
  refuses = false;
  readonly asked: RelayedCall[] = [];
  /** Connections that there were so far. */
  accepted = 0;
  readonly #node: { url: string; wsUrl: string };
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #lines = new Set<Line>();

  constructor(node: { url: string; wsUrl: string }) {
    this.#node = node;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (http) => this.#serve(http));
    const host = `127.0.0.1:${this.#server.addr.port}`;
    this.url = `http://${host}`;
    this.wsUrl = `ws://${host}`;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#lines.size;
  }

  /** Waits until a connection after the first `after` has its subscriptions to heads and to logs. */
  async subscribed(after: number): Promise<void> {
    await until("both are subscribed to", () =>
      [...this.#lines].some(({ nth, subscriptions }) => {
        const kinds = [...subscriptions.values()];
        return nth > after && kinds.includes("newHeads") && kinds.includes("logs");
      }));
  }

  /** All connections over WebSocket end. */
  cut(): void {
    for (const { client, node } of this.#lines) {
      client.close();
      node.close();
    }
    this.#lines.clear();
  }

  /** Tells something in the node's name. */
  notify(kind: "newHeads" | "logs", result: unknown): void {
    for (const { client, subscriptions } of this.#lines) {
      for (const [subscription, its] of subscriptions) {
        if (its !== kind) continue;
        const params = { subscription, result };
        client.send(JSON.stringify({ jsonrpc: "2.0", method: "eth_subscription", params }));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.refuses = true;
    this.cut();
    await this.#server.shutdown();
  }

  async #serve(http: Request): Promise<Response> {
    if (http.headers.get("upgrade") === "websocket") {
      return this.refuses ? new Response("No", { status: 503 }) : await this.#accept(http);
    }
    const text = await http.text();
    const body = JSON.parse(text) as RelayedCall | RelayedCall[];
    const calls = [body].flat();
    this.asked.push(...calls);
    const own = new Map(calls.flatMap((call) => {
      const answer = this.answer(call);
      return answer === undefined ? [] : [[call.id, { jsonrpc: "2.0", id: call.id, ...answer }] as const];
    }));
    const others = calls.filter(({ id }) => !own.has(id));
    const answers = others.length === 0 ? [] : await this.#ask(others);
    const all = [...own.values(), ...answers];
    return Response.json(Array.isArray(body) ? all : all[0]);
  }

  async #ask(calls: readonly RelayedCall[]): Promise<object[]> {
    const headers = { "content-type": "application/json" };
    try {
      const response = await fetch(this.#node.url, { method: "POST", headers, body: JSON.stringify(calls) });
      return [await response.json()].flat();
    } catch {
      return [];
    }
  }

  async #accept(http: Request): Promise<Response> {
    const node = new WebSocket(this.#node.wsUrl);
    const opened = await new Promise<boolean>((resolve) => {
      node.onopen = () => resolve(true);
      node.onclose = node.onerror = (event) => {
        event.preventDefault();
        resolve(false);
      };
    });
    if (!opened) return new Response("The node is gone", { status: 502 });
    const { socket: client, response } = Deno.upgradeWebSocket(http, { idleTimeout: 0 });
    const line: Line = { nth: ++this.accepted, client, node, asked: new Map(), subscriptions: new Map() };
    this.#lines.add(line);
    client.onmessage = ({ data }) => {
      const call = JSON.parse(data) as RelayedCall;
      if (call.method === "eth_subscribe") line.asked.set(call.id, String(call.params[0]));
      if (node.readyState === WebSocket.OPEN) node.send(data);
    };
    node.onmessage = ({ data }) => this.#heard(line, data);
    node.onerror = client.onerror = (event) => event.preventDefault();
    client.onclose = () => this.#end(line);
    node.onclose = () => this.#end(line);
    return response;
  }

  #heard(line: Line, data: string): void {
    const message = JSON.parse(data);
    const kind = line.asked.get(message.id);
    if (kind !== undefined && typeof message.result === "string") {
      line.subscriptions.set(message.result, kind);
    }
    const told = line.subscriptions.get(message.params?.subscription);
    if (told !== undefined && this.swallowed.has(told as "logs")) return;
    if (line.client.readyState === WebSocket.OPEN) line.client.send(data);
  }

  #end(line: Line): void {
    this.#lines.delete(line);
    line.client.close();
    line.node.close();
  }
}
