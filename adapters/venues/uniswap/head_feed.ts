/**
 * Keeps a subscription to the heads of a chain, and to the logs of some contracts, with one of several nodes:
 * dials the best endpoint, makes sure that it is of the right chain, and goes to the next one where it fails.
 */
import { shownUrl } from "../_base/shown_url.ts";
import type { Endpoints } from "./endpoints.ts";
import { type ChainLog, type Head, headOf, logOf } from "./chain.ts";
import { quantityOf } from "./hex.ts";
import { RpcSocket, type RpcSocketOptions } from "./rpc_socket.ts";

export interface HeadFeedEvents {
  head(head: Head): void;
  log(log: ChainLog): void;
  /** Heads and logs may be missed from here on. Another try follows by itself. */
  lost(problem: string): void;
  malformed(frame: string): void;
  /** Something arrived, whatever it is. */
  frame(characters: number): void;
}

export interface HeadFeedOptions extends RpcSocketOptions {
  /** Of WebSocket URLs. */
  endpoints: Endpoints;
  chainId: number;
  /** Contracts whose logs are wanted, all of them. */
  addresses: readonly string[];
  /** A connection that lasted this long was a success. */
  healthyAfterMs: number;
}

/** Of one subscription: twenty addresses would not fit into a frame of 1,024 bytes. */
const MAX_ADDRESSES = 16;

interface Line {
  url: string;
  socket: RpcSocket;
  /** Since when it has all subscriptions. */
  sinceMs: number;
}

export class HeadFeed {
  readonly #options: HeadFeedOptions;
  readonly #events: HeadFeedEvents;
  #line: Line | null = null;
  #stopped = false;

  constructor(events: HeadFeedEvents, options: HeadFeedOptions) {
    this.#events = events;
    this.#options = options;
  }

  /** Dials when it is due, the first time too; several times in each interval of the limits. */
  tick(nowMs: number): void {
    const line = this.#line;
    if (line === null) return this.#dial(nowMs);
    if (nowMs - line.sinceMs >= this.#options.healthyAfterMs) {
      this.#options.endpoints.succeeded(line.url, nowMs);
    }
    line.socket.tick(nowMs);
  }

  /** Gives up the present node: what it tells is of no use. */
  leave(problem: string): void {
    if (this.#line !== null) this.#lose(this.#line, problem);
  }

  stop(): void {
    this.#stopped = true;
    this.#line?.socket.close();
    this.#line = null;
  }

  #dial(nowMs: number): void {
    if (this.#stopped) return;
    const { url, waitMs } = this.#options.endpoints.best(nowMs);
    if (waitMs > 0) return;
    const socket = new RpcSocket(url, {
      opened: () => void this.#subscribe(line),
      ended: ({ reason }) => this.#lose(line, reason),
      malformed: (frame) => this.#events.malformed(frame),
      frame: (characters) => this.#events.frame(characters),
    }, this.#options);
    const line: Line = this.#line = { url, socket, sinceMs: Infinity };
  }

  async #subscribe(line: Line): Promise<void> {
    const { chainId, addresses, now } = this.#options;
    const { socket } = line;
    const outcome = await socket.call({ method: "eth_chainId", params: [] });
    if ("problem" in outcome) return this.#lose(line, outcome.problem);
    const its = quantityOf(outcome.result);
    if (its !== chainId) return this.#lose(line, `The node is of chain ${its} where ${chainId} is wanted`);
    const logs = Array.from({ length: Math.ceil(addresses.length / MAX_ADDRESSES) }, (_, n) => {
      const address = addresses.slice(n * MAX_ADDRESSES, (n + 1) * MAX_ADDRESSES);
      return socket.subscribe(
        ["logs", { address }],
        (value) => this.#hear(line, value, logOf, this.#events.log),
      );
    });
    const heads = socket.subscribe(
      ["newHeads"],
      (value) => this.#hear(line, value, headOf, this.#events.head),
    );
    for (const subscribed of await Promise.all([...logs, heads])) {
      if ("problem" in subscribed) return this.#lose(line, subscribed.problem);
    }
    line.sinceMs = now();
  }

  #hear<T>(
    line: Line,
    value: unknown,
    read: (value: unknown) => T | undefined,
    told: (value: T) => void,
  ): void {
    if (line !== this.#line) return;
    const known = read(value);
    if (known !== undefined) return told(known);
    // One that cannot be read may be the one that matters.
    this.#lose(line, "The node tells of a head or a log that cannot be read");
  }

  #lose(line: Line, problem: string): void {
    if (line !== this.#line) return;
    this.#line = null;
    line.socket.close();
    this.#options.endpoints.failed(line.url, this.#options.now());
    this.#events.lost(`${shownUrl(line.url)}: ${problem.replaceAll(line.url, shownUrl(line.url))}`);
  }
}
