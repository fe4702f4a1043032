/**
 * What the four venues have in common: a WebSocket and REST answers on one port, topics with subscribers, one frame
 * built and encoded per topic and change however many listen. A venue adds its words.
 */
import { wallclock } from "./wallclock.ts";
import type { Listing } from "../adapters/venues/synthetic/listing.ts";
import type { Client } from "./client.ts";
import { Endpoint } from "./endpoint.ts";
import { garbageTexts, junk } from "./garbage.ts";
import { type Answer, readHead, type RequestHead, writeAnswer } from "./http.ts";
import type { Ladder, SideName } from "./ladder.ts";
import type { Recording } from "./recording.ts";
import { replay } from "./replay.ts";
import { type Stream, Topic } from "./topic.ts";
import {
  acceptHandshake,
  binaryFrame,
  closeFrame,
  FrameReader,
  type Incoming,
  isUpgrade,
  pongFrame,
  ProtocolError,
  textFrame,
} from "./websocket.ts";

/** A symbol as the venue lists it. */
export interface Listed {
  /** Canonical, `BTC-USDT`. */
  symbol: string;
  base: string;
  quote: string;
  venueSymbol: string;
  listing: Listing;
  /** Undefined for a symbol that only a recording knows. */
  index: number | undefined;
}

export interface VenueOptions {
  seed: number;
  /** One per symbol of the market, in its order. */
  ladders: readonly Ladder[];
  /** Replayed to every client instead of the market. */
  recording?: { frames: Recording; speed: number };
}

export abstract class VenueServer extends Endpoint {
  readonly ladders: readonly Ladder[];
  /** By the venue's own name on its socket. */
  protected readonly listed = new Map<string, Listed>();
  protected readonly recording: VenueOptions["recording"];
  readonly #path: string;
  readonly #topics = new Map<string, Topic>();
  readonly #topicsOf: Topic[][];
  readonly #stopped = new AbortController();
  /** The last frame of data, to make garbage of. */
  #sample: string | undefined;

  constructor(id: string, path: string, options: VenueOptions, listed: readonly Listed[]) {
    super(id, options.seed);
    this.#path = path;
    this.ladders = options.ladders;
    this.recording = options.recording;
    this.#topicsOf = options.ladders.map(() => []);
    for (const item of listed) this.listed.set(item.venueSymbol, item);
  }

  get replays(): boolean {
    return this.recording !== undefined;
  }

  /** A client said something. */
  protected abstract received(client: Client, text: string, now: number): void;
  /** The answer to a GET, or undefined where the venue has nothing at this address. */
  protected abstract rest(url: URL, now: number): unknown;
  /** A client has come in. */
  protected opened(_client: Client, _now: number): void {}

  protected say(client: Client, text: string, now: number): void {
    this.send(client, textFrame(text), now);
  }

  /** Says goodbye in the protocol's way. */
  protected close(client: Client, code: number, reason: string): void {
    this.send(client, closeFrame(code, reason), wallclock());
    this.forget(client);
    void client.finish();
  }

  /** Adds a subscriber and returns the topic; `make` makes the stream of a topic that nobody had so far. */
  protected subscribe(client: Client, key: string, item: Listed, make: (ladder: Ladder) => Stream): Topic {
    let topic = this.#topics.get(key);
    if (topic === undefined) {
      const ladder = this.recording || item.index === undefined ? undefined : this.ladders[item.index];
      topic = new Topic(key, ladder === undefined ? null : make(ladder));
      this.#topics.set(key, topic);
      if (ladder !== undefined) this.#topicsOf[item.index!]!.push(topic);
    }
    topic.subscribers.add(client);
    client.topics.add(topic);
    if (this.recording && !client.replaying) this.#replay(client, this.recording);
    return topic;
  }

  protected unsubscribe(client: Client, key: string): boolean {
    const topic = this.#topics.get(key);
    if (topic === undefined || !topic.subscribers.delete(client)) return false;
    return client.topics.delete(topic);
  }

  protected subscribed(client: Client, key: string): boolean {
    return this.#topics.get(key)?.subscribers.has(client) ?? false;
  }

  /** What a new subscriber of the topic gets first, if anything. */
  protected sayFirst(client: Client, topic: Topic, now: number): void {
    const text = topic.stream?.first(now) ?? null;
    if (text === null) return;
    this.#sample = text;
    this.say(client, text, now);
  }

  override changed(index: number, now: number): void {
    for (const topic of this.#topicsOf[index]!) {
      if (topic.subscribers.size > 0) this.#publish(topic, topic.next(now), now);
    }
  }

  override housekeep(now: number): void {
    super.housekeep(now);
    for (const topics of this.#topicsOf) {
      for (const topic of topics) {
        if (topic.subscribers.size === 0 || topic.stream?.idle === undefined) continue;
        this.#publish(topic, topic.stream.idle(now), now);
      }
    }
  }

  #publish(topic: Topic, text: string | null, now: number): void {
    if (text === null) return;
    this.#sample = text;
    const bytes = textFrame(text);
    for (const client of topic.subscribers) this.send(client, bytes, now);
  }

  /** Breaks the sequence of every topic of these instruments; returns their names. */
  gap(indices: readonly number[]): string[] {
    const topics = indices.flatMap((index) => this.#topicsOf[index]!).filter((topic) =>
      topic.subscribers.size
    );
    for (const topic of topics) topic.breakSequence();
    return topics.map((topic) => topic.key);
  }

  override garbage(): Uint8Array[] {
    const texts = garbageTexts(this.#sample).map((text) => textFrame(text).slice());
    return [binaryFrame(junk(this.seed)), ...texts];
  }

  override empty(indices: readonly number[], side: SideName | null, now: number): void {
    for (const index of indices) {
      this.ladders[index]!.emptied = side;
      this.ladders[index]!.stir();
      this.changed(index, now);
    }
  }

  override emptied(): Record<string, SideName> {
    return Object.fromEntries(
      this.ladders.flatMap(({ symbol, emptied }) => emptied === null ? [] : [[symbol, emptied]]),
    );
  }

  override async stop(): Promise<void> {
    this.#stopped.abort();
    await super.stop();
  }

  protected forget(client: Client): void {
    this.clients.delete(client);
    for (const topic of client.topics) topic.subscribers.delete(client);
    client.topics.clear();
  }

  protected override async serve(conn: Deno.TcpConn): Promise<void> {
    conn.setNoDelay(true);
    const head = await readHead(conn);
    if (head === undefined) return;
    const now = wallclock();
    if (!isUpgrade(head)) return await writeAnswer(conn, this.#restAnswer(head, now));
    const refusal = this.#refusal(head, now);
    if (refusal !== undefined) return await writeAnswer(conn, refusal);
    const client = this.newClient(conn);
    client.output.append(acceptHandshake(head)!);
    this.clients.add(client);
    try {
      this.opened(client, now);
      await this.#listen(client, head.rest);
    } finally {
      this.forget(client);
    }
  }

  #restAnswer(head: RequestHead, now: number): Answer {
    if (head.method !== "GET") return { status: 405, body: '{"message":"Only GET is served here"}' };
    const body = this.rest(head.url, now);
    if (body === undefined) return { status: 404, body: `{"message":"No ${head.url.pathname} here"}` };
    return { status: 200, body: JSON.stringify(body) };
  }

  #refusal(head: RequestHead, now: number): Answer | undefined {
    if (now < this.refuseUntil) {
      const seconds = Math.ceil((this.refuseUntil - now) / 1000);
      return {
        status: 429,
        body: '{"message":"Too many requests"}',
        headers: { "retry-after": `${seconds}` },
      };
    }
    if (head.url.pathname !== this.#path) {
      return { status: 404, body: `{"message":"Connect to ${this.#path}"}` };
    }
    if (acceptHandshake(head) === undefined) return { status: 400, body: '{"message":"Not a handshake"}' };
    return undefined;
  }

  async #listen(client: Client, eager: Uint8Array): Promise<void> {
    const reader = new FrameReader();
    const chunk = new Uint8Array(64 * 1024);
    try {
      if (!this.#hear(client, reader.read(eager))) return;
      for (let count = await client.conn.read(chunk); count !== null; count = await client.conn.read(chunk)) {
        if (!this.#hear(client, reader.read(chunk.subarray(0, count)))) break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.send(client, closeFrame(error.code, error.message), wallclock());
    }
    await client.output.drained();
  }

  /** False when the conversation is over. */
  #hear(client: Client, messages: Iterable<Incoming>): boolean {
    for (const message of messages) {
      const now = wallclock();
      client.heardAt = now;
      if (!this.clients.has(client)) return false;
      if (message.kind === "text") this.received(client, message.text, now);
      else if (message.kind === "ping") this.send(client, pongFrame(message.payload), now);
      else if (message.kind === "close") {
        this.send(client, closeFrame(message.code === 1005 ? 1000 : message.code, ""), now);
        return false;
      }
    }
    return true;
  }

  #replay(client: Client, { frames, speed }: NonNullable<VenueOptions["recording"]>): void {
    client.replaying = true;
    const send = (text: string) => {
      this.#sample = text;
      this.say(client, text, wallclock());
    };
    const gone = () => !this.clients.has(client);
    // After the acknowledgements of the request that is being answered.
    queueMicrotask(() =>
      replay({ frames, speed, send, gone, output: client.output, signal: this.#stopped.signal })
    );
  }
}
