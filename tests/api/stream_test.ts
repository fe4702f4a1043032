import assert from "node:assert/strict";
import { openProgram, until } from "./program.ts";

interface Event {
  id: number;
  event: string;
  // deno-lint-ignore no-explicit-any
  data: any;
}

/** Reads a stream as a browser would. */
class Reader {
  readonly events: Event[] = [];
  /** The first bytes, up to the first event. */
  head = "";
  ended = false;
  readonly headers: Headers;
  readonly status: number;
  readonly #pieces: ReadableStreamDefaultReader<string>;

  private constructor(response: Response) {
    this.status = response.status;
    this.headers = response.headers;
    this.#pieces = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    this.#read().catch(() => {}).finally(() => this.ended = true);
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<Reader> {
    return new Reader(await fetch(url, { headers }));
  }

  async #read(): Promise<void> {
    let rest = "";
    for (;;) {
      const { done, value } = await this.#pieces.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "mu").exec(block)?.[1];
    const data = field("data");
    if (data) this.events.push({ id: Number(field("id")), event: field("event")!, data: JSON.parse(data) });
    else if (this.events.length === 0) this.head += block;
  }

  get kinds(): string[] {
    return this.events.map(({ event, data }) => event === "closed" ? `closed ${data.reason}` : event);
  }

  async until(...kinds: string[]): Promise<Event[]> {
    await until(`stream says ${kinds}, it said ${this.kinds}`, () => this.kinds.length >= kinds.length);
    assert.deepEqual(this.kinds, kinds);
    return this.events;
  }

  async leave(): Promise<void> {
    await this.#pieces.cancel();
  }
}

/** Makes an opportunity of about 80 bps on BTC-USDT, and ends it again. */
async function open(program: ReturnType<typeof openProgram>): Promise<void> {
  await program.quote("bybit", "BTC-USDT", 99.9, 100);
  await program.quote("okx", "BTC-USDT", 101, 101.1);
}

const close = (program: ReturnType<typeof openProgram>) => program.quote("okx", "BTC-USDT", 99.9, 100.1);

Deno.test("a stream gives a snapshot, then what opens, changes and closes, with ids that grow", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const reader = await Reader.open(`${server.url}/opportunities/stream`);
  assert.match(reader.headers.get("content-type")!, /^text\/event-stream/u);
  assert.equal(reader.headers.get("cache-control"), "no-store");
  await reader.until("snapshot");
  assert.match(reader.head, /^retry: \d+$/u);
  await open(program);
  await reader.until("snapshot", "opportunity");
  await program.quote("okx", "BTC-USDT", 101.2, 101.3);
  await reader.until("snapshot", "opportunity", "opportunity");
  await close(program);
  const [snapshot, opened, changed, closed] = await reader.until(
    "snapshot",
    "opportunity",
    "opportunity",
    "closed below_threshold",
  );
  assert.deepEqual(snapshot!.data, { mode: "test", opportunities: [] });
  assert.equal(opened!.data.sellPrice, 101);
  assert.equal(changed!.data.sellPrice, 101.2);
  assert.equal(closed!.data.id, opened!.data.id);
  for (const time of ["openedAt", "updatedAt", "closedAt"]) {
    assert.ok(Number.isInteger(closed!.data[time]), time);
  }
  const ids = reader.events.map(({ id }) => id);
  assert.deepEqual(ids, [ids[0]!, ids[0]! + 1, ids[0]! + 2, ids[0]! + 3]);
  await reader.leave();
});

Deno.test("a stream's snapshot is what REST answers at that moment", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await open(program);
  const reader = await Reader.open(`${server.url}/opportunities/stream?symbol=btc_usdt&minNetBps=1`);
  const [snapshot] = await reader.until("snapshot");
  const { body } = await program.get("/opportunities");
  assert.equal(body.opportunities.length, 1);
  assert.deepEqual(snapshot!.data, body);
  await reader.leave();
});

Deno.test("a reader that comes back is told what it missed, by header or by query", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const url = `${server.url}/opportunities/stream`;
  const first = await Reader.open(url);
  const [snapshot] = await first.until("snapshot");
  await first.leave();
  await open(program);
  await until("it is open", () => program.market.opportunities().length === 1);
  await close(program);
  await until("it is closed", () => program.market.opportunities().length === 0);
  const id = String(snapshot!.id);
  for (
    const reader of [
      await Reader.open(url, { "Last-Event-ID": id }),
      await Reader.open(`${url}?lastEventId=${id}`),
    ]
  ) {
    await reader.until("opportunity", "closed below_threshold");
    await reader.leave();
  }
  for (const unknown of ["1", "x", `${id}0`, "-1"]) {
    const reader = await Reader.open(url, { "Last-Event-ID": unknown });
    await reader.until("snapshot");
    await reader.leave();
  }
});

Deno.test("a mode switch over the API closes what was open and brings a new snapshot", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  await open(program);
  const reader = await Reader.open(`${server.url}/opportunities/stream`);
  await reader.until("snapshot");
  const response = await fetch(`${server.url}/mode/live`, { method: "POST" });
  assert.equal((await response.json()).mode, "live");
  const events = await reader.until("snapshot", "closed mode_switch", "snapshot");
  assert.deepEqual(events[2]!.data, { mode: "live", opportunities: [] });
  await reader.leave();
});

Deno.test("one stream too many is refused with 503 and Retry-After; a place is free again when a reader leaves", async () => {
  await using program = openProgram({ limits: { maxClients: 1 } });
  await using server = await program.serve();
  const url = `${server.url}/opportunities/stream`;
  const reader = await Reader.open(url);
  await reader.until("snapshot");
  const refused = await fetch(url);
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) > 0);
  assert.equal((await refused.json()).title, "Too many streams");
  await reader.leave();
  await until("the place is free", () => program.streams.stats().clients === 0);
  const next = await Reader.open(url);
  assert.equal(next.status, 200);
  await next.leave();
});

Deno.test("HEAD on the stream takes no place", async () => {
  await using program = openProgram({ limits: { maxClients: 1 } });
  await using server = await program.serve();
  const response = await fetch(`${server.url}/opportunities/stream`, { method: "HEAD" });
  assert.equal(response.status, 200);
  await until("no reader is left", () => program.streams.stats().clients === 0);
});

Deno.test("a client that stops reading is cut and its connection ends, the others go on", async () => {
  await using program = openProgram({ limits: { maxBufferedBytes: 200_000, conflateMs: 0 } });
  await using server = await program.serve();
  await open(program);
  const reader = await Reader.open(`${server.url}/opportunities/stream`);
  const stopped = await Deno.connect({ hostname: server.host, port: server.port });
  await stopped.write(
    new TextEncoder().encode(`GET /opportunities/stream HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`),
  );
  await until("both read", () => program.streams.stats().clients === 2);

  // Fills the kernel's buffers, some megabytes, and then the client's queue.
  for (let i = 0; program.streams.stats().cut === 0; i++) {
    assert.ok(i < 200_000, "The client was not cut");
    await program.quote("okx", "BTC-USDT", 101 + (i % 1000) / 1000, 102.5);
  }
  assert.equal(program.streams.stats().clients, 1);

  let end: "open" | "reset" | "closed" = "open";
  const bytes = new Uint8Array(65_536);
  while (end === "open") {
    const count = await stopped.read(bytes).catch(() => "reset" as const);
    if (count === "reset") end = "reset";
    else if (count === null) end = "closed";
  }
  assert.equal(end, "reset");
  stopped.close();

  await until("the other has read all", () => reader.events.at(-1)?.data.sellPrice === sellPrice(program));
  assert.equal(reader.ended, false);
  await reader.leave();
});

const sellPrice = (program: ReturnType<typeof openProgram>) => program.market.opportunities()[0]?.sellPrice;

Deno.test("closing the streams ends them for their readers and refuses new ones", async () => {
  await using program = openProgram();
  await using server = await program.serve();
  const url = `${server.url}/opportunities/stream`;
  const reader = await Reader.open(url);
  await reader.until("snapshot");
  program.streams.close();
  await until("the stream ends", () => reader.ended);
  const refused = await fetch(url);
  assert.equal(refused.status, 503);
  assert.equal((await refused.json()).title, "Shutting down");
});
