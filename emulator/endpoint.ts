/**
 * A listening TCP port with its clients and the misbehaviour that it can be told to show. Venues and NDJSON sources
 * are endpoints; what they say to a client is theirs.
 */
import { wallclock } from "./wallclock.ts";
import { Client } from "./client.ts";
import { shut } from "./http.ts";
import { keyOf } from "../adapters/venues/synthetic/noise.ts";
import type { SideName } from "./ladder.ts";

export const HOST = "127.0.0.1";

export interface EndpointState {
  port: number;
  listening: boolean;
  clients: number;
  topics: number;
  connections: number;
  framesSent: number;
  bytesSent: number;
  slowClientsCut: number;
  faults: { silent: boolean; delayMs: number; refusingForMs: number; emptied: Record<string, SideName> };
}

export abstract class Endpoint {
  readonly id: string;
  readonly clients = new Set<Client>();
  /** Says nothing at all: no data, no acknowledgement, no heartbeat. */
  silent = false;
  /** Every frame is held back for so long. */
  delayMs = 0;
  /** Handshakes are refused until then, ms since the epoch. */
  refuseUntil = 0;
  protected readonly seed: number;
  #connections = 0;
  #framesSent = 0;
  #bytesSent = 0;
  #slowClientsCut = 0;
  #listener: Deno.TcpListener | undefined;
  #port = 0;
  #accepting: Promise<void> = Promise.resolve();
  readonly #serving = new Set<Promise<void>>();

  constructor(id: string, seed: number) {
    this.id = id;
    this.seed = seed;
  }

  get port(): number {
    return this.#port;
  }

  /** Talks to one connection until it ends. */
  protected abstract serve(conn: Deno.TcpConn): Promise<void>;
  /** Instrument number `index` changed. */
  abstract changed(index: number, now: number): void;
  /** Frames that no client can make sense of. */
  abstract garbage(): Uint8Array[];
  /** The books of the instruments in `indices` lose a side, or get it back. */
  abstract empty(indices: readonly number[], side: SideName | null, now: number): void;
  abstract emptied(): Record<string, SideName>;

  /**
   * Listens, on the port it had before unless another is named; 0 takes a free one. Does nothing when it listens.
   * Throws PortTaken.
   */
  start(port = this.#port): void {
    if (this.#listener !== undefined) return;
    const listener = listen(this.id, port);
    this.#listener = listener;
    this.#port = listener.addr.port;
    this.#accepting = this.#accept(listener);
  }

  /** Stops listening and cuts everyone off. */
  kill(): void {
    if (this.#listener !== undefined) shut(this.#listener);
    this.#listener = undefined;
    this.cutAll();
  }

  /** Kills and waits until nothing of it runs. */
  async stop(): Promise<void> {
    this.kill();
    await this.#accepting;
    await Promise.allSettled([...this.#serving]);
  }

  cutAll(): number {
    const count = this.clients.size;
    for (const client of this.clients) client.cut();
    return count;
  }

  /** Ends the lasting faults; a killed endpoint stays so until it is started. */
  resume(): void {
    this.silent = false;
    this.delayMs = 0;
    this.refuseUntil = 0;
  }

  /** Called every few milliseconds. */
  housekeep(now: number): void {
    for (const client of this.clients) if (!client.release(now)) this.#cutSlow(client);
  }

  state(now: number): EndpointState {
    const topics = new Set([...this.clients].flatMap((client) => [...client.topics]));
    return {
      port: this.#port,
      listening: this.#listener !== undefined,
      clients: this.clients.size,
      topics: topics.size,
      connections: this.#connections,
      framesSent: this.#framesSent,
      bytesSent: this.#bytesSent,
      slowClientsCut: this.#slowClientsCut,
      faults: {
        silent: this.silent,
        delayMs: this.delayMs,
        refusingForMs: Math.max(0, Math.round(this.refuseUntil - now)),
        emptied: this.emptied(),
      },
    };
  }

  protected newClient(conn: Deno.TcpConn): Client {
    const id = hex(keyOf(this.seed, this.id, "connection", String(++this.#connections)));
    return new Client(conn, id, wallclock());
  }

  protected send(client: Client, bytes: Uint8Array, now: number): void {
    if (this.silent) return;
    if (!client.send(bytes, now, this.delayMs)) return this.#cutSlow(client);
    this.#framesSent++;
    this.#bytesSent += bytes.length;
  }

  sendAll(frames: readonly Uint8Array[], now: number): void {
    for (const client of this.clients) for (const frame of frames) this.send(client, frame, now);
  }

  #cutSlow(client: Client): void {
    if (!this.clients.delete(client)) return;
    this.#slowClientsCut++;
    client.cut();
  }

  /** Either end may cut a connection at any moment; whatever else is thrown is a mistake of the emulator. */
  #failed(error: unknown): void {
    if (Object.values(Deno.errors).some((kind) => error instanceof kind)) return;
    console.error(`${this.id} failed on a connection and cut it`, error);
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    try {
      for await (const conn of listener) {
        const serving = this.serve(conn).catch((error) => this.#failed(error)).finally(() => {
          shut(conn);
          this.#serving.delete(serving);
        });
        this.#serving.add(serving);
      }
    } catch {
      // The listener was closed under us, as `kill` does.
    }
  }
}

/** Another program holds the port. */
export class PortTaken extends Error {
  constructor(id: string, port: number) {
    super(`Port ${port} of ${id} is taken: end the program that holds it, or choose others with --base-port`);
  }
}

function listen(id: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: HOST, port, transport: "tcp" });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTaken(id, port);
    throw error;
  }
}

/** Eight hexadecimal digits. */
export function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
