/**
 * A source of stream events that are known beforehand: two plain TCP sources, and every quote of the second one opens,
 * changes or closes one opportunity. Its number is the size, so that each event tells which quote made it.
 */
import assert from "node:assert/strict";
import { until } from "../process.ts";

/** Names are padded to this length, so that events are larger and the kernel's buffers are full sooner. */
const NAME_LENGTH = 600;
const BUYER = "buyer".padEnd(NAME_LENGTH, "-");
const SELLER = "seller".padEnd(NAME_LENGTH, "-");
export const SYMBOLS = "ABCDEFGHIJ".split("").map((letter) => `${letter}${letter}${letter}-USDT`);
/** Nobody else quotes this one: it only shows that the source lives. */
const ALIVE = "ZZZ-USDT";
/** Every so many quotes of a symbol one closes its opportunity. */
const CLOSES_EVERY = 10;

export class Source implements Disposable {
  /** What is open by the quotes so far: number of its last quote by symbol. */
  readonly open = new Map<string, number>();
  /** Quotes so far; each is one event unless two of a symbol come within one turn of the program. */
  quotes = 0;
  readonly #listeners = [listen(), listen()] as const;
  readonly #connections: Deno.Conn[] = [];
  readonly #alive = setInterval(() => this.#sayAlive(), 1_000);

  constructor() {
    for (const [index, listener] of this.#listeners.entries()) {
      (async () => {
        for await (const connection of listener) this.#connections[index] = connection;
      })().catch(() => {});
    }
  }

  /** What the configuration of the program says of it. */
  get config() {
    const [buyer, seller] = this.#listeners.map(({ addr }) => `127.0.0.1:${(addr as Deno.NetAddr).port}`);
    const off = { enabled: false };
    return {
      mode: "live",
      symbols: [...SYMBOLS, ALIVE],
      venues: {
        ...Object.fromEntries(
          ["bybit", "okx", "gateio", "kraken", "uniswap-v2", "uniswap-v3"].map((id) => [id, off]),
        ),
        ndjson: { enabled: true, takerFeeBps: 10, sources: { [BUYER]: buyer, [SELLER]: seller } },
      },
    };
  }

  /** Waits for the program, and states what never changes: where one can buy. */
  async start(): Promise<void> {
    await until("the program has connected", () => this.#connections[0] && this.#connections[1]);
    for (const symbol of SYMBOLS) await this.#say(0, symbol, 99.9, 1e6, 100, 1e6);
    this.#sayAlive();
  }

  /** The next quote. */
  async quote(): Promise<void> {
    const symbol = SYMBOLS[this.quotes % SYMBOLS.length]!;
    const round = Math.floor(this.quotes / SYMBOLS.length) + this.quotes % SYMBOLS.length;
    const number = ++this.quotes;
    const closes = round % CLOSES_EVERY === CLOSES_EVERY - 1;
    if (closes) this.open.delete(symbol);
    else this.open.set(symbol, number);
    await this.#say(1, symbol, closes ? 99 : 101, number, 102, 1e6);
  }

  #sayAlive(): void {
    for (const index of [0, 1] as const) this.#say(index, ALIVE, 1, 1, 1.1, 1).catch(() => {});
  }

  async #say(index: 0 | 1, symbol: string, bid: number, bidSize: number, ask: number, askSize: number) {
    const line = `${
      JSON.stringify({ symbol, bid, bidSize, ask, askSize, price: bid, timestamp: Date.now() })
    }\n`;
    const bytes = new TextEncoder().encode(line);
    const connection = this.#connections[index];
    if (connection) assert.equal(await connection.write(bytes), bytes.length);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#alive);
    for (const one of [...this.#listeners, ...this.#connections]) one?.close();
  }
}

function listen(): Deno.TcpListener {
  return Deno.listen({ hostname: "127.0.0.1", port: 0 });
}
