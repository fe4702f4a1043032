/** One TCP source of lines: connects, reads, notices silence, connects anew with backoff. */
import { SymbolIndex } from "../../../core/domain/symbol.ts";
import { FeedState } from "../../../core/app/telemetry.ts";
import { Backoff } from "../../../core/app/backoff.ts";
import type { FeedContext } from "../_base/feed.ts";
import { Trouble } from "../_base/trouble.ts";
import { LineSplitter } from "./lines.ts";
import { mapLine } from "./mapper.ts";

/** Spellings of symbols that are remembered, known or not; beyond it they are looked up again each time. */
const REMEMBERED = 10_000;

export class Source {
  readonly #context: FeedContext;
  readonly #address: { hostname: string; port: number };
  readonly #firstCell: number;
  readonly #symbols: SymbolIndex;
  /** Cell by spelling; undefined where the symbol is not watched. */
  readonly #cells = new Map<string, number | undefined>();
  readonly #backoff: Backoff;
  readonly #malformed: Trouble;
  readonly #unknown: Trouble;
  #state: FeedState = FeedState.connecting;
  #phase: "waiting" | "dialling" | "open" | "stopped" = "waiting";
  #dialAt = 0;
  #dials = 0;
  #lineAt = 0;
  #connection: Deno.TcpConn | undefined;
  #dialling = new AbortController();

  /** `address` is `host:port`. */
  constructor(exchange: { id: string; firstCell: number }, address: string, context: FeedContext) {
    const { spec, tuning, random } = context;
    const log = context.log.with({ exchange: exchange.id });
    this.#context = { ...context, log };
    this.#firstCell = exchange.firstCell;
    this.#symbols = new SymbolIndex(spec.symbols);
    this.#backoff = new Backoff(tuning.backoffMs, tuning.maxBackoffMs, random);
    this.#malformed = new Trouble(log, "Lines that cannot be understood", tuning.logEveryMs);
    this.#unknown = new Trouble(log, "Lines with symbols that are not watched", tuning.logEveryMs * 60);
    const colon = address.lastIndexOf(":");
    const hostname = address.slice(0, colon).replace(/^\[|\]$/g, "");
    this.#address = { hostname, port: Number(address.slice(colon + 1)) };
  }

  get state(): FeedState {
    return this.#state;
  }

  tick(now: number): void {
    const { tuning } = this.#context;
    this.#malformed.tell(now);
    this.#unknown.tell(now);
    if (this.#phase === "waiting" && now >= this.#dialAt) this.#run(now);
    if (this.#phase === "dialling" && now - this.#lineAt >= tuning.connectTimeoutMs) this.#dialling.abort();
    if (this.#phase !== "open") return;
    const silentMs = now - this.#lineAt;
    if (silentMs >= tuning.lineReconnectMs) this.#hangUp();
    else if (silentMs >= tuning.lineSilenceMs && this.#state === FeedState.connected) {
      this.#context.log.warning("Source is silent", { silentMs: Math.round(silentMs) });
      this.#stale(FeedState.silent);
    }
  }

  stop(): void {
    this.#phase = "stopped";
    this.#dialling.abort();
    this.#hangUp();
  }

  /** One connection from dialling to its end. */
  async #run(now: number): Promise<void> {
    const { log, telemetry } = this.#context;
    if (this.#dials++ > 0) telemetry.reconnects++;
    this.#phase = "dialling";
    this.#lineAt = now;
    this.#dialling = new AbortController();
    const reason = await this.#read().catch((error: Error) => error.message);
    this.#hangUp();
    if (this.#isStopped()) return;
    this.#stale(this.#state === FeedState.silent ? FeedState.silent : FeedState.disconnected);
    const delayMs = this.#backoff.next();
    this.#phase = "waiting";
    this.#dialAt = this.#context.now() + delayMs;
    log.warning("Source is not connected", { ...this.#address, reason, delayMs });
  }

  /** Reads until the end and returns why it came. */
  async #read(): Promise<string> {
    const connection = await Deno.connect({ ...this.#address, signal: this.#dialling.signal });
    this.#connection = connection;
    if (this.#isStopped()) return "Stopped";
    this.#phase = "open";
    this.#state = FeedState.connected;
    this.#lineAt = this.#context.now();
    this.#context.log.info("Source is connected", this.#address);
    const splitter = new LineSplitter(
      this.#context.tuning.maxLineCharacters,
      (text) => this.#line(text),
      (characters) => this.#refuse(`A line of ${characters} characters`, ""),
    );
    const buffer = new Uint8Array(64 * 1024);
    for (let read; (read = await connection.read(buffer)) !== null;) {
      if (this.#isStopped()) return "Stopped";
      splitter.push(buffer.subarray(0, read));
    }
    return "The source closed the connection";
  }

  #line(text: string): void {
    const { now: clock, quotes, arrivals } = this.#context;
    const now = clock();
    this.#lineAt = now;
    arrivals.count(text.length, now);
    const line = mapLine(text);
    if (line.kind === "malformed") return this.#refuse(line.reason, text);
    this.#state = FeedState.connected;
    this.#backoff.reset();
    const cell = this.#cell(line.symbol);
    if (cell === undefined) return this.#unknown.add("Not watched", line.symbol, now);
    const sound = line.kind === "top"
      ? quotes.top(cell, line, now)
      : quotes.price(cell, line.price, line.exchangeTime, now);
    if (!sound) this.#refuse("The numbers make no quote", text);
  }

  #cell(spelling: string): number | undefined {
    if (this.#cells.has(spelling)) return this.#cells.get(spelling);
    const symbol = this.#symbols.resolve(spelling);
    const cell = symbol === undefined ? undefined : this.#firstCell + this.#symbols.id(symbol)!;
    if (this.#cells.size < REMEMBERED) this.#cells.set(spelling, cell);
    return cell;
  }

  #refuse(reason: string, text: string): void {
    this.#context.telemetry.malformed++;
    this.#malformed.add(reason, text, this.#context.now());
  }

  #stale(state: FeedState): void {
    this.#state = state;
    for (let id = 0; id < this.#symbols.symbols.length; id++) {
      this.#context.quotes.stale(this.#firstCell + id, this.#context.now());
    }
  }

  /** Closes the connection, which ends the reading. */
  #hangUp(): void {
    try {
      this.#connection?.close();
    } catch { /* closed already */ }
    this.#connection = undefined;
  }

  #isStopped(): boolean {
    return this.#phase === "stopped";
  }
}
