/** Starts the exchanges inside the test on free ports, and talks to them. */
import assert from "node:assert/strict";
import { type Exchanges, type RecordingFile, startExchanges } from "../../emulator/exchanges.ts";
import { parseOptions, type VenueId } from "../../emulator/options.ts";

const PATHS: Readonly<Record<VenueId, string>> = {
  bybit: "/v5/public/spot",
  okx: "/ws/v5/public",
  gateio: "/ws/v4/",
  kraken: "/v2",
};

/** How long anything may take before a test fails; nothing is asserted about less. */
const PATIENCE_MS = 120_000;

/** What a venue said: tests look wherever they like, a wrong look fails them. */
// deno-lint-ignore no-explicit-any
export type Json = any;

export interface Rig {
  exchanges: Exchanges;
  origin(name: string): string;
  wsUrl(venue: VenueId): string;
  /** Calls the control endpoint; the answer must be 200. */
  control(method: "GET" | "POST", path: string): Promise<Json>;
}

/** Runs a test against exchanges of its own. */
export async function withExchanges(
  args: readonly string[],
  run: (rig: Rig) => Promise<void>,
  recordings: Partial<Record<VenueId, RecordingFile>> = {},
): Promise<void> {
  const parsed = parseOptions(["--base-port", "0", "--chain", "off", ...args]);
  assert("options" in parsed, JSON.stringify(parsed));
  const exchanges = await startExchanges(parsed.options, recordings);
  const origin = (name: string) => `http://127.0.0.1:${exchanges.ports[name]}`;
  try {
    await run({
      exchanges,
      origin,
      wsUrl: (venue) => `ws://127.0.0.1:${exchanges.ports[venue]}${PATHS[venue]}`,
      async control(method, path) {
        const response = await fetch(origin("control") + path, { method });
        const body = await response.json();
        assert.equal(response.status, 200, JSON.stringify(body));
        return body;
      },
    });
  } finally {
    await exchanges.stop();
  }
}

/** A client that keeps every message and is asked for the next one of a kind. */
export class Session {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  closed: { code: number; clean: boolean } | undefined;
  #at = 0;
  #wake: () => void = () => {};

  private constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.onmessage = ({ data }) => {
      this.texts.push(typeof data === "string" ? data : `binary ${(data as Blob).size}`);
      this.#wake();
    };
    this.socket.onclose = ({ code, wasClean }) => {
      this.closed = { code, clean: wasClean };
      this.#wake();
    };
  }

  static async open(url: string): Promise<Session> {
    const session = new Session(url);
    await new Promise<void>((resolve, reject) => {
      session.socket.onopen = () => resolve();
      session.socket.onerror = (event) => reject(new Error((event as ErrorEvent).message));
    });
    session.socket.onerror = null;
    return session;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message that fits, skipping others; messages are handed out once and in order. */
  async text(fits: (text: string) => boolean): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      while (this.#at < this.texts.length) {
        const text = this.texts[this.#at++]!;
        if (fits(text)) return text;
      }
      assert(this.closed === undefined, `Closed while waiting: ${JSON.stringify(this.closed)}`);
      await this.#more(deadline);
    }
  }

  /** The same for messages that are JSON objects. */
  async frame(fits: (frame: Json) => boolean = () => true): Promise<Json> {
    return JSON.parse(await this.text((text) => text.startsWith("{") && fits(JSON.parse(text))));
  }

  /** `clean`: with a closing handshake. */
  async untilClosed(): Promise<{ code: number; clean: boolean }> {
    const deadline = Date.now() + PATIENCE_MS;
    while (this.closed === undefined) await this.#more(deadline);
    return this.closed;
  }

  async #more(deadline: number): Promise<void> {
    const left = deadline - Date.now();
    assert(left > 0, `Nothing that fits came; the last of ${this.texts.length}: ${this.texts.at(-1)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, left);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.untilClosed();
  }
}

/** Asks until the answer fits. */
export async function until<T>(ask: () => T | Promise<T>, fits: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    assert(Date.now() < deadline, `It stayed ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Where two values differ in keys or kinds of values. Lists are compared by their first items, if both have one. */
export function differences(said: unknown, recorded: unknown, at = "frame"): string[] {
  const [one, other] = [kind(said), kind(recorded)];
  if (one !== other) return [`${at} is ${one}, recorded as ${other}`];
  if (Array.isArray(said) && Array.isArray(recorded)) {
    return said.length === 0 || recorded.length === 0 ? [] : differences(said[0], recorded[0], `${at}[0]`);
  }
  if (one !== "object") return [];
  const [a, b] = [said as Record<string, unknown>, recorded as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) => {
    if (!(key in a)) return [`${at}.${key} is missing`];
    if (!(key in b)) return [`${at}.${key} was not recorded`];
    return differences(a[key], b[key], `${at}.${key}`);
  });
}

function kind(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "list" : typeof value;
}

export const FIXTURES = new URL("../../../shared/fixtures/", import.meta.url);

/** Lines of a recorded file, or undefined (with a word on why) where the recordings are not at hand. */
export function fixture(path: string): string[] | undefined {
  try {
    return Deno.readTextFileSync(new URL(path, FIXTURES)).split("\n").filter((line) => line !== "");
  } catch {
    console.warn(`Skipped: the recording ${path} is not at hand`);
    return undefined;
  }
}
