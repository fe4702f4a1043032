/** The ways in which an endpoint can be told to misbehave. */
import { SymbolIndex } from "../core/domain/symbol.ts";
import { type Endpoint, PortTaken } from "./endpoint.ts";
import { VenueServer } from "./server.ts";

interface Order {
  endpoint: Endpoint;
  /** Canonical, in the order of their indices. */
  symbols: readonly string[];
  query: URLSearchParams;
  now: number;
}

type Outcome = { problem: string } | Record<string, unknown>;

interface Fault {
  /** Its parameters in words. */
  takes: string;
  run(order: Order): Outcome;
}

const MOST_DELAY_MS = 60_000;
const MOST_REFUSE_SECONDS = 3600;

export const FAULTS: Readonly<Record<string, Fault>> = {
  silence: {
    takes: "nothing; the venue stays connected and says nothing at all until resume",
    run({ endpoint }) {
      endpoint.silent = true;
      return {};
    },
  },
  resume: {
    takes: "nothing; ends silence, slow, refuse and oneSided",
    run({ endpoint, symbols, now }) {
      endpoint.resume();
      if (Object.keys(endpoint.emptied()).length > 0) endpoint.empty(symbols.map((_, at) => at), null, now);
      return {};
    },
  },
  close: {
    takes: "nothing; cuts every connection without a closing handshake",
    run: ({ endpoint }) => ({ clients: endpoint.cutAll() }),
  },
  refuse: {
    takes: `seconds=1–${MOST_REFUSE_SECONDS} (default 5); handshakes are answered 429 with Retry-After`,
    run({ endpoint, query, now }) {
      if (!(endpoint instanceof VenueServer)) return { problem: `${endpoint.id} has no handshake to refuse` };
      const seconds = Number(query.get("seconds") ?? 5);
      if (!(seconds > 0 && seconds <= MOST_REFUSE_SECONDS)) {
        return outOf("seconds", query, MOST_REFUSE_SECONDS);
      }
      endpoint.refuseUntil = now + seconds * 1000;
      return { seconds };
    },
  },
  garbage: {
    takes: "nothing; sends every client one frame of each malformed kind",
    run({ endpoint, now }) {
      const frames = endpoint.garbage();
      endpoint.sendAll(frames, now);
      return { frames: frames.length, clients: endpoint.clients.size };
    },
  },
  oneSided: {
    takes: "side=bid|ask (default ask), symbol (default all); that side is empty until resume",
    run({ endpoint, symbols, query, now }) {
      const side = query.get("side") ?? "ask";
      if (!(endpoint instanceof VenueServer)) return { problem: `${endpoint.id} has no book` };
      if (side !== "bid" && side !== "ask") return { problem: `Side ${side} is neither bid nor ask` };
      const indices = chosen(symbols, query);
      if (typeof indices === "string") return { problem: indices };
      endpoint.empty(indices, side, now);
      return { side, symbols: indices.map((at) => symbols[at]) };
    },
  },
  gap: {
    takes: "symbol (default all); the next frame of each topic is left out, or has a wrong checksum",
    run({ endpoint, symbols, query }) {
      if (!(endpoint instanceof VenueServer)) return { problem: `${endpoint.id} has no sequence` };
      const indices = chosen(symbols, query);
      return typeof indices === "string" ? { problem: indices } : { topics: endpoint.gap(indices) };
    },
  },
  slow: {
    takes: `ms=0–${MOST_DELAY_MS} (default 1000); every frame is delayed by so much until resume`,
    run({ endpoint, query }) {
      const ms = Number(query.get("ms") ?? 1000);
      if (!(ms >= 0 && ms <= MOST_DELAY_MS)) return outOf("ms", query, MOST_DELAY_MS);
      endpoint.delayMs = ms;
      return { ms };
    },
  },
  kill: {
    takes: "nothing; cuts everyone off and stops listening until start",
    run({ endpoint }) {
      const clients = endpoint.clients.size;
      endpoint.kill();
      return { clients };
    },
  },
  start: {
    takes: "nothing; listens again on the same port",
    run({ endpoint }) {
      try {
        endpoint.start();
      } catch (error) {
        if (error instanceof PortTaken) return { problem: error.message };
        throw error;
      }
      return { port: endpoint.port };
    },
  },
};

function outOf(name: string, query: URLSearchParams, most: number): Outcome {
  return { problem: `Parameter ${name}=${query.get(name)} is not a number up to ${most}` };
}

/** The symbols that a query names, or what is wrong with it. */
function chosen(symbols: readonly string[], query: URLSearchParams): number[] | string {
  const name = query.get("symbol");
  if (name === null) return symbols.map((_, at) => at);
  const symbol = new SymbolIndex(symbols).resolve(name);
  return symbol === undefined
    ? `No symbol ${name}, there are ${symbols.join(", ")}`
    : [symbols.indexOf(symbol)];
}
