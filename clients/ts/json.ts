/** `marketflow.v1.json`: messages as text. It needs nothing but the platform. */
import type { Format, Message } from "./message.ts";
import { type ClosedOpportunity, closeReasonOf, type Opportunity, type Quote } from "./types.ts";

type Fields = Record<string, unknown>;

export const json: Format = {
  subprotocol: "marketflow.v1.json",
  decode(data) {
    if (typeof data !== "string") throw new TypeError("The frame is binary, and not text");
    const message = fields(JSON.parse(data), "The message");
    const sequence = message.sequence ?? 0;
    if (!Number.isSafeInteger(sequence)) throw new TypeError("sequence is no integer");
    for (const [kind, read] of Object.entries(READERS)) {
      if (Object.hasOwn(message, kind)) {
        return { sequence: sequence as number, ...read(fields(message[kind], kind)) } as Message;
      }
    }
    return undefined;
  },
  subscribe: (filter) => JSON.stringify({ subscribe: filter }),
};

/** One for each kind of message. What it reads is checked as far as this client itself relies on it. */
const READERS: { [Kind in Message["kind"]]: (body: Fields) => Omit<Message & { kind: Kind }, "sequence"> } = {
  // What does not filter is null.
  subscribed: (filter) => ({
    kind: "subscribed",
    filter: Object.fromEntries(Object.entries(filter).filter(([_, value]) => value !== null)),
  }),
  opportunitySnapshot: ({ mode, opportunities }) => ({
    kind: "opportunitySnapshot",
    mode: modeOf(mode),
    opportunities: list(opportunities).map((one) => opportunityOf(one) as Opportunity),
  }),
  opportunityUpdate: (body) => ({
    kind: "opportunityUpdate",
    opportunity: opportunityOf(body) as Opportunity,
  }),
  opportunityClose: (body) => ({
    kind: "opportunityClose",
    opportunity: { ...opportunityOf(body) as ClosedOpportunity, reason: closeReasonOf(body.reason) },
  }),
  quoteSnapshot: ({ mode, quotes }) => ({
    kind: "quoteSnapshot",
    mode: modeOf(mode),
    quotes: list(quotes).map(quoteOf),
  }),
  quoteUpdate: ({ quotes, withdrawn }) => ({
    kind: "quoteUpdate",
    quotes: list(quotes).map(quoteOf),
    withdrawn: list(withdrawn).map((one) => keyed(one, ["exchange", "symbol"])),
  }),
  heartbeat: ({ time }) => ({ kind: "heartbeat", time: Number(time) }),
  problem: ({ title, detail }) => ({ kind: "problem", title: String(title), detail: String(detail) }),
};

function opportunityOf(value: unknown): unknown {
  return keyed(value, ["id", "symbol", "buyExchange", "sellExchange"]);
}

function quoteOf(value: unknown): Quote {
  const quote = keyed(value, ["exchange", "symbol"]) as unknown as Quote;
  if (!quote.pool) return quote;
  // How old its block was when this was sent is of no use to whoever keeps it, and no part of the other form.
  const { address, feePpm, blockNumber, blockTime } = quote.pool;
  return { ...quote, pool: { address, feePpm, blockNumber, blockTime } };
}

function keyed<Key extends string>(value: unknown, keys: readonly Key[]): Record<Key, string> {
  const body = fields(value, "A row");
  for (const key of keys) {
    if (typeof body[key] !== "string") throw new TypeError(`A row has no ${key}`);
  }
  return body as Record<Key, string>;
}

function modeOf(value: unknown): "live" | "test" {
  if (value !== "live" && value !== "test") throw new TypeError(`The mode is ${String(value)}`);
  return value;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError("A list is missing");
  return value;
}

function fields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is no object`);
  }
  return value as Fields;
}
