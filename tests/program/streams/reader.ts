/** One reader of a stream over a connection of its own. What it saw is kept as a hash, not as messages. */
import { createHash } from "node:crypto";
import { pause } from "../process.ts";
import { frame, OPCODE } from "../../websocket.ts";
import { cutterFor, decode, type Form, madeAt, type Message, requestFor } from "./messages.ts";

/** `steady` reads all the time, `slow` a little now and then, `silent` only at the end. */
export type Pace = "steady" | "slow" | "silent";

/** A slow reader takes so much so often: 4 KB a second. */
const SIP_BYTES = 512;
const SIP_EVERY_MS = 125;
const GULP_BYTES = 16_384;
const HEAD_END = "\r\n\r\n";

export interface ReaderReport {
  form: Form;
  pace: Pace;
  connected: number;
  /** Its connection ended before it was done. */
  cut: number;
  /** What it got first when it came back. */
  backWithSnapshot: number;
  backWithMissed: number;
  messages: number;
  /** Messages that happened: one for each event where nothing is conflated. */
  events: number;
  /** Ids that were not one above the one before, in a connection that began with the first snapshot. */
  gaps: number;
  lastId: number;
  /** Of all events, in order. */
  hash: string;
  /** Symbols and sizes that are open by what it was told; undefined for those that do not decode. */
  table: [string, number][] | undefined;
  problem: string | undefined;
}

export class Reader {
  readonly form: Form;
  readonly pace: Pace;
  readonly #port: number;
  readonly #decodes: boolean;
  readonly #delay: ((ms: number) => void) | undefined;
  readonly #hash = createHash("md5");
  readonly #table = new Map<string, [symbol: string, size: number]>();
  readonly #counts = {
    connected: 0,
    cut: 0,
    backWithSnapshot: 0,
    backWithMissed: 0,
    messages: 0,
    events: 0,
    gaps: 0,
  };
  #lastId = 0;
  #isBack = false;
  #problem: string | undefined;
  #hurry = false;
  #awake = () => {};
  #connection: Deno.TcpConn | undefined;
  #left = false;
  /** Resolves with the first message; of a silent reader when it has asked. */
  readonly ready: Promise<void>;
  #isReady = () => {};

  constructor(options: {
    port: number;
    form: Form;
    pace: Pace;
    /** Looks into each message, to know what is open. */
    decodes: boolean;
    delay?: (ms: number) => void;
  }) {
    ({ port: this.#port, form: this.form, pace: this.pace, decodes: this.#decodes, delay: this.#delay } =
      options);
    this.ready = new Promise((resolve) => this.#isReady = resolve);
    void this.#run();
  }

  get events(): number {
    return this.#counts.events;
  }

  /** From now on it reads as fast as it can. */
  hurry(): void {
    this.#hurry = true;
    this.#awake();
  }

  leave(): void {
    this.#left = true;
    try {
      this.#connection?.close();
    } catch { /* It is closed. */ }
  }

  knows(table: string): boolean {
    return this.#decodes && JSON.stringify(this.#open()) === table;
  }

  report(): ReaderReport {
    return {
      form: this.form,
      pace: this.pace,
      ...this.#counts,
      lastId: this.#lastId,
      hash: this.#hash.copy().digest("hex"),
      table: this.#decodes ? this.#open() : undefined,
      problem: this.#problem,
    };
  }

  #open(): [string, number][] {
    return [...this.#table.values()].sort(([a], [b]) => a < b ? -1 : 1);
  }

  async #run(): Promise<void> {
    while (!this.#left) {
      try {
        await this.#readOne();
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset || this.#left)) this.#problem ??= String(error);
      }
      try {
        this.#connection?.close();
      } catch { /* It is closed. */ }
      if (this.#left) return;
      this.#counts.cut++;
      this.#isBack = true;
      await pause(200);
    }
  }

  /** One connection, to its end. */
  async #readOne(): Promise<void> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    this.#connection = connection;
    const request = requestFor(
      this.form,
      `127.0.0.1:${this.#port}`,
      this.#isBack && this.#lastId > 0 ? this.#lastId : undefined,
    );
    await connection.write(new TextEncoder().encode(request));
    this.#counts.connected++;
    if (this.pace === "silent") {
      this.#isReady();
      while (!this.#hurry) await this.#sleep(1_000);
    }
    const cutter = cutterFor(this.form, (message) => this.#take(message), (payload) => {
      connection.write(frame(OPCODE.pong, payload)).catch(() => {});
    });
    const buffer = new Uint8Array(GULP_BYTES);
    let head: string | undefined = "";
    for (;;) {
      const isSlow = this.pace === "slow" && !this.#hurry && head === undefined;
      if (isSlow) await this.#sleep(SIP_EVERY_MS);
      const count = await connection.read(isSlow ? buffer.subarray(0, SIP_BYTES) : buffer);
      if (count === null) return;
      const piece = buffer.subarray(0, count);
      if (head === undefined) {
        cutter.push(piece);
        continue;
      }
      const text: string = head + new TextDecoder("latin1").decode(piece);
      const end = text.indexOf(HEAD_END);
      head = end < 0 ? text : undefined;
      if (end < 0) continue;
      if (!/^HTTP\/1\.[01] (?:200|101) /u.test(text)) throw new Error(text);
      cutter.push(piece.subarray(count - (text.length - end - HEAD_END.length)));
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#awake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take({ kind, id, bytes }: Message): void {
    this.#counts.messages++;
    if (kind === "other") return;
    if (this.#isBack) this.#counts[kind === "snapshot" ? "backWithSnapshot" : "backWithMissed"]++;
    this.#isBack = false;
    if (kind === "event") {
      this.#counts.events++;
      this.#hash.update(bytes);
      if (id !== this.#lastId + 1) this.#counts.gaps++;
      if (this.#delay) {
        const at = madeAt(bytes);
        if (at !== undefined) this.#delay(performance.timeOrigin + performance.now() - at);
      }
    }
    this.#lastId = id;
    if (this.#decodes) this.#apply(bytes);
    this.#isReady();
  }

  #apply(bytes: Uint8Array): void {
    const { snapshot, put, closed } = decode(this.form, bytes);
    if (snapshot) {
      this.#table.clear();
      for (const [id, shown] of snapshot) this.#table.set(id, shown);
    }
    if (put) this.#table.set(put[0], [put[1], put[2]]);
    if (closed !== undefined) this.#table.delete(closed);
  }
}
