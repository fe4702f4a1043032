/**
 * JSON-RPC over one WebSocket, from dialling to its end: calls with their answers, and subscriptions.
 * Timeouts and liveness are judged in `tick`, by the owner's clock. Frames that are sent should stay below
 * 1,024 bytes: longer ones may not leave Deno.
 */
import { isObject, nameOf, parseObject } from "../_base/json.ts";
import { type ClosingSockets, Socket, type SocketEnd } from "../_base/socket.ts";
import { Watchdog, type WatchdogLimits } from "../_base/watchdog.ts";
import { answerOf, requestOf, type RpcCall, type RpcOutcome } from "./rpc.ts";

export interface RpcSocketOptions {
  now(): number;
  /** Until an answer, and until the connection is open. */
  timeoutMs: number;
  /** `dataSilenceMs` counts notifications. */
  limits: WatchdogLimits;
  closing: ClosingSockets;
}

export interface RpcSocketEvents {
  opened(): void;
  /** The connection is of no more use; comes once, and not after `close`. */
  ended(end: SocketEnd): void;
  /** A frame that is no answer and no notification. */
  malformed(frame: string): void;
  /** Comes before anything else that is told of a frame. */
  frame(characters: number): void;
}

type Notified = (result: unknown) => void;

interface Pending {
  deadlineMs: number;
  /** Sees the answer before the next frame is read. */
  answered(outcome: RpcOutcome): void;
}

const MAX_PENDING = 256;
const MAX_QUOTED = 200;
/** Costs a node nothing, and all of them know it. */
const PROBE: RpcCall = { method: "eth_chainId", params: [] };

export class RpcSocket {
  readonly #options: RpcSocketOptions;
  readonly #events: RpcSocketEvents;
  readonly #socket: Socket;
  readonly #watchdog: Watchdog;
  readonly #pending = new Map<number, Pending>();
  readonly #subscriptions = new Map<string, Notified>();
  readonly #dialledAtMs: number;
  #state: "dialling" | "open" | "ended" = "dialling";
  #lastId = 0;

  constructor(url: string, events: RpcSocketEvents, options: RpcSocketOptions) {
    this.#events = events;
    this.#options = options;
    this.#watchdog = new Watchdog(options.limits);
    this.#dialledAtMs = options.now();
    this.#socket = new Socket(url, {
      opened: () => this.#opened(),
      text: (frame) => this.#read(frame),
      binary: (bytes) => events.malformed(`${bytes} bytes`),
      ended: (end) => this.#end(end),
    }, options.closing);
  }

  call(call: RpcCall): Promise<RpcOutcome> {
    return new Promise((resolve) => this.#ask(call, resolve));
  }

  /** All that the subscription tells from its first word on; resolves to its id or to why there is none. */
  subscribe(params: readonly unknown[], notified: Notified): Promise<{ id: string } | { problem: string }> {
    return new Promise((resolve) => {
      this.#ask({ method: "eth_subscribe", params }, (outcome) => {
        if ("problem" in outcome) return resolve(outcome);
        const id = nameOf(outcome.result)?.toLowerCase();
        if (id === undefined) return resolve({ problem: "The node gives a subscription no id" });
        this.#subscriptions.set(id, notified);
        resolve({ id });
      });
    });
  }

  /** Nothing more is heard of it, whatever the node answers. */
  unsubscribe(id: string): Promise<RpcOutcome> {
    this.#subscriptions.delete(id);
    return this.call({ method: "eth_unsubscribe", params: [id] });
  }

  /** To be called several times in each of the intervals of the limits. */
  tick(nowMs: number): void {
    if (this.#state === "ended") return;
    if (this.#state === "dialling") {
      if (nowMs - this.#dialledAtMs > this.#options.timeoutMs) this.#giveUp("The connection does not open");
      return;
    }
    for (const [id, { deadlineMs, answered }] of this.#pending) {
      if (nowMs <= deadlineMs) continue;
      this.#pending.delete(id);
      answered({ problem: `The node does not answer within ${this.#options.timeoutMs} ms`, code: null });
    }
    const verdict = this.#watchdog.look(nowMs, this.#subscriptions.size > 0);
    if (verdict === "probe") this.#ask(PROBE, () => {});
    if (verdict === "silent") this.#giveUp("The node is silent");
    if (verdict === "no_data") this.#giveUp("The node's subscriptions are silent");
  }

  close(): void {
    this.#state = "ended";
    this.#socket.close();
    this.#abandon("The connection was closed");
  }

  #ask(call: RpcCall, answered: (outcome: RpcOutcome) => void): void {
    const refused = (problem: string) => answered({ problem, code: null });
    if (this.#state !== "open") return refused("The connection is not open");
    if (this.#pending.size >= MAX_PENDING) return refused("Too many calls wait for their answers");
    const id = ++this.#lastId;
    this.#pending.set(id, { deadlineMs: this.#options.now() + this.#options.timeoutMs, answered });
    this.#socket.send(JSON.stringify(requestOf(id, call)));
  }

  #opened(): void {
    this.#state = "open";
    this.#watchdog.start(this.#options.now());
    this.#events.opened();
  }

  #read(frame: string): void {
    this.#watchdog.frameAt = this.#options.now();
    this.#events.frame(frame.length);
    if (this.#state === "ended") return;
    const message = parseObject(frame);
    const answer = answerOf(message);
    if (answer !== undefined) {
      // One that comes twice, or that nobody asked for, is passed over.
      const pending = this.#pending.get(answer.id);
      this.#pending.delete(answer.id);
      pending?.answered(answer.outcome);
    } else if (message?.method === "eth_subscription" && isObject(message.params)) {
      const { subscription, result } = message.params;
      const notified = this.#subscriptions.get(nameOf(subscription)?.toLowerCase() ?? "");
      if (notified === undefined) return;
      this.#watchdog.dataAt = this.#watchdog.frameAt;
      notified(result);
    } else {
      this.#events.malformed(frame.slice(0, MAX_QUOTED));
    }
  }

  #giveUp(reason: string): void {
    this.#socket.close();
    this.#end({ reason, status: null });
  }

  #end(end: SocketEnd): void {
    this.#state = "ended";
    this.#abandon(end.reason);
    this.#events.ended(end);
  }

  #abandon(problem: string): void {
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#subscriptions.clear();
    for (const { answered } of pending) answered({ problem, code: null });
  }
}
