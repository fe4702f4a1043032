/**
 * The program with many readers of its streams, some slow, some not reading at all: the others get every event, and all
 * know in the end what is open.
 */
import { pause, until } from "../process.ts";
import { type Program, startProgram } from "../program.ts";
import type { Form } from "./messages.ts";
import type { ReaderReport } from "./reader.ts";
import type { Answer, Order } from "./readers.ts";
import { Source, SYMBOLS } from "./source.ts";
import { type Sample, sampleOf, Watch } from "./watch.ts";

export interface StreamsOptions {
  /** So many by server-sent events, and as many by WebSocket, half of these with protobuf. */
  clients: number;
  /** Quotes, each of which makes one event. */
  quotes: number;
  everyMs: number;
  /** What stands in front of the program: gives the port that readers connect to. */
  front?: (program: Program) => Promise<{ port: number } & AsyncDisposable>;
  say?: (what: string) => void;
}

export interface StreamsReport {
  reports: ReaderReport[];
  /** How many events were so many milliseconds old when a reader had them. */
  delays: Uint32Array;
  samples: Sample[];
  /** How late a timer was at most in a thread that does nothing: that is due to the machine. */
  idleDelayMs: number;
  before: Sample;
  /** When all quotes were sent. */
  after: Sample;
  /** Events while all were connected. */
  events: number;
  quotes: number;
  /** What is open in the end. */
  table: [string, number][];
}

/** The default. */
export const MAX_BUFFERED_BYTES = 1_048_576;
/** Few are kept, so that memory has found its size within the first minute. */
const STREAM = { maxBufferedBytes: MAX_BUFFERED_BYTES, replayEvents: 1_000, conflateMs: 0 };

export async function streams(options: StreamsOptions): Promise<StreamsReport> {
  const { clients, quotes, everyMs, say = () => {} } = options;
  using source = new Source();
  await using program = await startProgram({
    ...source.config,
    server: {
      stream: { ...STREAM, maxClients: 3 * clients },
      trustedProxies: ["127.0.0.1"],
      limits: { requestsPerSecond: 10_000, burst: 10_000, openPerAddress: 10_000, connections: 10_000 },
    },
  });
  await source.start();
  await using front = await options.front?.(program) ?? inFront(program);
  const before = await sampleOf(program, performance.now());
  const half = Math.floor(clients / 2);
  using events = new Readers(front.port, [{ form: "sse", count: clients }]);
  using sockets = new Readers(front.port, [{ form: "json", count: clients - half }, {
    form: "protobuf",
    count: half,
  }]);
  await Promise.all([events.connected(), sockets.connected()]);
  await until(
    "all are served",
    async () => (await sampleOf(program, 0)).clients,
    (all) => all === 2 * clients,
  );
  const first = await sampleOf(program, performance.now());
  say(`${2 * clients} readers are connected`);
  const watch = new Watch(program, (sample) => say(told(sample)));
  {
    await using _ = watch;
    const start = performance.now();
    while (source.quotes < quotes) {
      await source.quote();
      const aheadMs = start + source.quotes * everyMs - performance.now();
      if (aheadMs > 0) await pause(aheadMs);
    }
  }
  const table = [...source.open].sort(([a], [b]) => a < b ? -1 : 1);
  await until("the program knows the last quote", async () => {
    const open = await program.opportunities(`?limit=${SYMBOLS.length}`);
    return JSON.stringify(open.map((one) => [one.symbol, one.sizeBase]).sort()) === JSON.stringify(table);
  });
  const after = await sampleOf(program, performance.now());
  const published = after.events - first.events;
  say(`${published} events are published; all read to the end`);
  const finished = await Promise.all([events.finish(table, published), sockets.finish(table, published)]);
  const delays = new Uint32Array(finished[0]!.delays.length);
  for (const one of finished) one.delays.forEach((count, ms) => delays[ms]! += count);
  return {
    reports: finished.flatMap(({ reports }) => reports),
    delays,
    samples: watch.samples,
    idleDelayMs: watch.idleDelayMs,
    before,
    after,
    events: published,
    quotes,
    table,
  };
}

/** Nothing stands in front. */
function inFront(program: Program): { port: number } & AsyncDisposable {
  return { port: Number(new URL(program.url).port), [Symbol.asyncDispose]: () => Promise.resolve() };
}

function told(
  { rssBytes, kernelBytes, clients, bufferedBytes, events, cut, superseded, loopDelayMs }: Sample,
) {
  const mega = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return `${events} events, ${clients} readers, ${mega(rssBytes)} of memory, ${mega(kernelBytes)} in TCP, ` +
    `${mega(bufferedBytes)} wait, ${cut} cut, ${superseded} superseded, loop late by ${
      loopDelayMs.toFixed(0)
    } ms`;
}

/** Readers in a worker of their own. */
class Readers implements Disposable {
  readonly #worker = new Worker(new URL("./readers.ts", import.meta.url), { type: "module" });
  readonly #connected: Promise<Answer>;

  constructor(port: number, forms: readonly { form: Form; count: number }[]) {
    this.#connected = this.#ask({ kind: "connect", port, forms });
  }

  async connected(): Promise<void> {
    await this.#connected;
  }

  async finish(table: [string, number][], events: number) {
    return await this.#ask({ kind: "finish", table, events }) as Answer & { kind: "finished" };
  }

  #ask(order: Order): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      this.#worker.onerror = (event) => reject(new Error(event.message));
      this.#worker.postMessage(order);
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
