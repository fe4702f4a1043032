/** Keeps one connection to Redis: the next is made after the last is gone, with backoff and jitter. */
import { Backoff } from "../../core/app/backoff.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Log } from "../../core/ports/log.ts";
import { connect, isRefusal, type RedisClient, wordsOf } from "./client.ts";
import type { RedisServer } from "./url.ts";

const FIRST_WAIT_MS = 100;
/** With what an attempt may take, Redis is found again within five seconds of its return. */
const LONGEST_WAIT_MS = 2000;
/** A password does not become right by itself, and servers lock out those who try too often. */
const DENIED_WAIT_MS = 5000;

export interface ConnectionPorts {
  clock: Clock;
  log: Log;
  /** Uniform in [0, 1). */
  random(): number;
}

export class Connection {
  readonly #server: RedisServer;
  readonly #ports: ConnectionPorts;
  readonly #backoff: Backoff;
  readonly #use: (client: RedisClient) => void;
  #client: RedisClient | undefined;
  #trouble: string | null = "Not connected yet";
  #told = false;
  #wake = () => {};
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;

  /** `use` is called with every new client. */
  constructor(server: RedisServer, ports: ConnectionPorts, use: (client: RedisClient) => void) {
    this.#server = server;
    this.#ports = ports;
    this.#use = use;
    this.#backoff = new Backoff(FIRST_WAIT_MS, LONGEST_WAIT_MS, ports.random);
    this.#ended = this.#run();
  }

  /** The present client, if there is one. */
  get client(): RedisClient | undefined {
    return this.#client;
  }

  /** Why Redis cannot be relied on; null from the first successful write on. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** The client does what it is for. */
  proved(client: RedisClient): void {
    if (client !== this.#client || this.#trouble === null) return;
    this.#trouble = null;
    this.#backoff.reset();
    this.#ports.log.info("Redis takes quotes", { url: this.#server.shown });
    this.#told = false;
  }

  /** The client does not; it is thrown away. */
  lost(client: RedisClient, reason: string): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#failed(reason);
    client.destroy(reason);
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#client?.destroy("Closed");
    this.#client = undefined;
    this.#wake();
    return this.#ended;
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      let denied = false;
      try {
        const client = await connect(this.#server, this.#ports.clock, this.#closing.signal);
        if (this.#closed) return client.destroy("Closed");
        this.#client = client;
        this.#use(client);
        this.lost(client, await client.gone);
      } catch (error) {
        const words = wordsOf(error);
        denied = isRefusal(error) &&
          /^(?:WRONGPASS|NOAUTH|NOPERM)|invalid password|without any password/i.test(words);
        this.#failed(denied ? `Redis refuses user or password: ${words}` : words);
      }
      if (!this.#closed) {
        await this.#rest(denied ? DENIED_WAIT_MS * (1 + this.#ports.random() / 2) : this.#backoff.next());
      }
    }
  }

  #failed(reason: string): void {
    if (this.#closed) return;
    this.#trouble = reason;
    if (this.#told) return;
    this.#told = true;
    this.#ports.log.warning("Redis cannot be used; memory answers, and it is tried again", {
      url: this.#server.shown,
      reason,
    });
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#ports.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
