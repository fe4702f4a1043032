/**
 * A stream that stays alive: it connects, follows, notices silence, and comes back by itself to where it was. What it is a
 * stream of is said by a subject.
 */
import { Backoff } from "./backoff.ts";
import type { StreamError } from "./errors.ts";
import { json } from "./json.ts";
import type { Format, Message } from "./message.ts";
import { numbersOf, type StreamEvent, type StreamOptions } from "./options.ts";
import { EventQueue } from "./queue.ts";
import { runSocket } from "./socket.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Mode } from "./types.ts";

/** What is streamed: where it is, and what its messages mean. */
export interface Subject<Row, Change> {
  readonly path: string;
  /** What a message says of the market; undefined where it is about something else. */
  read(message: Message): Change[] | undefined;
  /** The row that changes; undefined where the change is a snapshot. */
  keyOf(change: Change): string | undefined;
  /** Brings rows up to date. */
  apply(rows: Map<string, Row>, change: Change): void;
  snapshot(mode: Mode, rows: Row[]): Change;
}

export class MarketStream<Row, Filter extends object, Change>
  implements AsyncIterable<Change | StreamEvent<Filter>>, Disposable {
  /** Resolves when the stream has ended: with why it could not go on, or with undefined after `close()`. */
  readonly closed: Promise<StreamError | undefined>;
  readonly #subject: Subject<Row, Change>;
  readonly #server: URL;
  readonly #options: StreamOptions & ReturnType<typeof numbersOf>;
  readonly #format: Format;
  readonly #backoff: Backoff;
  readonly #subscriptions: Subscriptions<Filter>;
  readonly #rows = new Map<string, Row>();
  readonly #queue: EventQueue<Change | StreamEvent<Filter>>;
  readonly #closing = new AbortController();
  /** Ends the present connection. */
  #attempt = new AbortController();
  #mode: Mode | undefined;
  /** The last that was seen with the present filter. */
  #sequence: number | undefined;
  /** When the present connection became alive. */
  #liveSince: number | undefined;
  #hurried = false;
  #looped = false;
  #ended = false;
  #failure: StreamError | undefined;
  #wake: (() => void) | undefined;

  constructor(subject: Subject<Row, Change>, server: string | URL, filter: Filter, options: StreamOptions) {
    this.#subject = subject;
    this.#server = addressOf(server, subject.path);
    const numbers = numbersOf(options);
    this.#options = { ...options, ...numbers };
    this.#format = options.format ?? json;
    this.#backoff = new Backoff(numbers.firstWaitMs, numbers.longestWaitMs);
    this.#subscriptions = new Subscriptions(filter);
    this.#queue = new EventQueue(
      numbers.maxWaitingRows,
      () => subject.snapshot(this.#mode!, [...this.#rows.values()]),
    );
    const close = () => this.close();
    options.signal?.addEventListener("abort", close);
    if (options.signal?.aborted) close();
    this.closed = this.#run().then((failure) => {
      options.signal?.removeEventListener("abort", close);
      this.#subscriptions.disconnected();
      this.#liveSince = undefined;
      this.#failure = failure;
      this.#ended = true;
      this.#wake?.();
      return failure;
    });
  }

  /** The market as the last message left it. It may be ahead of the events that a slow loop has taken. */
  get rows(): ReadonlyMap<string, Row> {
    return this.#rows;
  }

  /** Of the market; undefined before the first snapshot. */
  get mode(): Mode | undefined {
    return this.#mode;
  }

  /** Whether messages arrive. While they do not, `rows` are old. */
  get live(): boolean {
    return this.#liveSince !== undefined;
  }

  /** How many events the loop was spared, because something newer was there before it took them. */
  get conflated(): number {
    return this.#queue.conflated;
  }

  /**
   * Asks for another filter on the open connection: `subscribed` and a snapshot follow, or `problem`. Throws where the
   * format cannot say it; the filter before then goes on.
   */
  subscribe(filter: Filter): void {
    this.#subscriptions.want(this.#format.subscribe(filter));
  }

  /** Connects anew at once, for example where the device has a network again, instead of after the wait. */
  reconnect(): void {
    this.#hurried = true;
    this.#attempt.abort();
  }

  /** Ends the stream, and the loop over it. */
  close(): void {
    this.#closing.abort();
    this.#attempt.abort();
    this.#wake?.();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Events as they come, for one loop; leaving the loop closes the stream. After a connection that was lost they go on
   * where they were. Throws a `StreamError` where the stream cannot go on, and a TypeError where another loop is running.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Change | StreamEvent<Filter>, undefined> {
    // Each would take what the other waits for.
    if (this.#looped) throw new TypeError("Another loop reads this stream: open one stream for each reader");
    this.#looped = true;
    try {
      for (;;) {
        if (this.#closing.signal.aborted) return;
        const event = this.#queue.take();
        if (event !== undefined) yield event;
        else if (this.#failure) throw this.#failure;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      this.#looped = false;
      this.close();
    }
  }

  async #run(): Promise<StreamError | undefined> {
    this.#tell({ type: "connection", state: "connecting" });
    while (!this.#closing.signal.aborted) {
      this.#attempt = new AbortController();
      this.#hurried = false;
      const error = await this.#connect();
      if (this.#closing.signal.aborted) return undefined;
      if (error.final) return error;
      if (this.#liveSince !== undefined) this.#backoff.lived(Date.now() - this.#liveSince);
      this.#liveSince = undefined;
      this.#subscriptions.disconnected();
      // It may be in what follows the sequence, and would come again each time that this is asked for.
      if (error.code === "malformed") this.#sequence = undefined;
      // A server asks all that it refuses to wait for the same time: without jitter they would come back together.
      const retryInMs = this.#hurried ? 0 : error.retryAfterMs + this.#backoff.next();
      this.#tell({ type: "connection", state: "reconnecting", error, retryInMs });
      if (this.#attempt.signal.aborted) this.#attempt = new AbortController();
      await pause(retryInMs, this.#attempt.signal);
    }
    return undefined;
  }

  #connect(): Promise<StreamError> {
    const { token, openWithinMs, silentAfterMs } = this.#options;
    const url = new URL(this.#server);
    for (const [name, value] of Object.entries(this.#subscriptions.present)) {
      if (value !== undefined && value !== "") url.searchParams.set(name, String(value));
    }
    if (this.#sequence !== undefined) url.searchParams.set("lastSequence", String(this.#sequence));
    return runSocket({
      url: url.href,
      subprotocol: this.#format.subprotocol,
      headers: token ? { authorization: `Bearer ${token}` } : {},
      openWithinMs,
      silentAfterMs,
      signal: this.#attempt.signal,
      opened: (send) => this.#subscriptions.connected(send),
      message: (data) => {
        const message = this.#format.decode(data);
        if (message) this.#take(message);
      },
    });
  }

  #take(message: Message): void {
    switch (message.kind) {
      case "subscribed": {
        const filter = message.filter as Filter;
        if (this.#subscriptions.confirmed(filter) === "another") {
          this.#sequence = undefined;
          this.#queue.dropRows();
        }
        if (this.#liveSince === undefined) {
          this.#liveSince = Date.now();
          this.#tell({ type: "connection", state: "live" });
        }
        return this.#tell({ type: "subscribed", filter });
      }
      case "problem":
        this.#subscriptions.refused();
        return this.#tell({ type: "problem", title: message.title, detail: message.detail });
      case "heartbeat":
        this.#tell({ type: "heartbeat", time: message.time });
        break;
      default:
        if ("mode" in message) this.#mode = message.mode;
        for (const change of this.#subject.read(message) ?? []) this.#change(change);
    }
    if (message.sequence > 0) this.#sequence = message.sequence;
  }

  #change(change: Change): void {
    if (this.#mode === undefined) throw new TypeError("A change came before the first snapshot");
    this.#subject.apply(this.#rows, change);
    const key = this.#subject.keyOf(change);
    if (key === undefined) this.#queue.putSnapshot(change);
    else this.#queue.putRow(key, change);
    this.#wake?.();
  }

  #tell(event: StreamEvent<Filter>): void {
    this.#queue.putOther(event.type, event);
    this.#wake?.();
  }
}

/** The address of a stream, beginning with http. */
function addressOf(server: string | URL, path: string): URL {
  const url = new URL(server);
  url.protocol = url.protocol.replace(/^ws/u, "http");
  if (!/^https?:$/u.test(url.protocol)) {
    throw new TypeError(`${url} is no address of a server: give one that begins with http:// or https://`);
  }
  if (url.username || url.password) {
    throw new TypeError("Give the token as the option `token`, not in the address");
  }
  url.pathname = `${url.pathname.replace(/\/$/u, "")}${path}`;
  url.search = url.hash = "";
  return url;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
