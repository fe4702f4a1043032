/** `marketflow.v1.json`: the same messages as text, with the bodies that the API has. For tools and for a first look. */
import { z } from "zod";
import type { StreamProtocol, Subscription } from "../../core/app/stream/protocol.ts";
import { closedJson, opportunityJson, quoteJson } from "../../core/app/wire.ts";

const text = new TextEncoder();

function frame(name: string, body: unknown, sequence?: number): Uint8Array {
  return text.encode(JSON.stringify({ ...(sequence !== undefined && { sequence }), [name]: body }));
}

function heartbeat(sequence: number, now: number): Uint8Array {
  return frame("heartbeat", { time: Math.round(now) }, sequence);
}

const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);

/** In words instead of the types of the language. */
const inWords = (issue: { code?: string; input?: unknown }) =>
  issue.code !== "invalid_type" ? undefined : issue.input === undefined ? "Is missing" : "Is no object";

const Message = z.strictObject({
  subscribe: z.strictObject({
    symbol: optional(z.string()),
    exchange: optional(z.string()),
    minNetBps: optional(z.number()),
    lastSequence: optional(z.number()),
  }, { error: inWords }),
}, { error: inWords });
type Nullable = { [Name in keyof Subscription]: Subscription[Name] | null };

const EXAMPLE = '{"subscribe":{"symbol":"BTC-USDT","minNetBps":5}}';

export const json: StreamProtocol = {
  name: "marketflow.v1.json",
  binary: false,
  opportunities: {
    snapshot: (id, { mode, opportunities }) =>
      frame("opportunitySnapshot", { mode, opportunities: opportunities.map(opportunityJson) }, id),
    opportunity: (id, opportunity) => frame("opportunityUpdate", opportunityJson(opportunity), id),
    closed: (id, closed) => frame("opportunityClose", closedJson(closed), id),
    keepAlive: heartbeat,
  },
  quotes: {
    snapshot: (sequence, { mode, quotes, now }) =>
      frame("quoteSnapshot", { mode, quotes: quotes.map((quote) => quoteJson(quote, now)) }, sequence),
    update: (sequence, changes, now) =>
      frame("quoteUpdate", {
        quotes: changes.flatMap(({ quote }) => quote ? [quoteJson(quote, now)] : []),
        withdrawn: changes.flatMap(({ exchange, symbol, quote }) => quote ? [] : [{ exchange, symbol }]),
      }, sequence),
    keepAlive: heartbeat,
  },
  read(data) {
    try {
      const parsed = Message.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data)));
      if (parsed.success) return parsed.data.subscribe;
      const { path, message } = parsed.error.issues[0]!;
      return `${path.length === 0 ? "The message" : path.join(".")}: ${message}; as in ${EXAMPLE}`;
    } catch {
      return `The message is no JSON; as in ${EXAMPLE}`;
    }
  },
  subscribed: ({ symbol = null, exchange = null, minNetBps = null }: Nullable) =>
    frame("subscribed", { symbol, exchange, minNetBps }),
  problem: (title, detail) => frame("problem", { title, detail }),
};
