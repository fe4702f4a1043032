/**
 * The control endpoint: shows what the exchanges are doing and makes them misbehave.
 *
 * `GET /`, `GET /<venue>/book/<symbol>`, `POST /freeze`, `POST /thaw`, `POST /<venue>/<fault>`, and of the chain
 * `GET /chain` and `POST /chain/<fault>`. Parameters stand in the query. Everything is JSON; what is not known is
 * answered with a list of what is.
 */
import { SymbolIndex } from "../core/domain/symbol.ts";
import { chainReply, takesOf } from "./chain/control.ts";
import { CHAIN_FAULTS } from "./chain/faults.ts";
import { trimmed } from "./decimal.ts";
import { HOST, PortTaken } from "./endpoint.ts";
import type { Stage } from "./exchanges.ts";
import { type Reply, wrongMethod } from "./reply.ts";
import { FAULTS } from "./faults.ts";
import type { Ladder, SideName } from "./ladder.ts";
import { VenueServer } from "./server.ts";
import { wallclock } from "./wallclock.ts";
import { Window } from "./window.ts";

const MOST_DEPTH = 1000;

/** Throws PortTaken. */
export function startControl(stage: Stage, port: number): { port: number; stop(): Promise<void> } {
  const handler = async (request: Request) => {
    await request.body?.cancel();
    const { status, body } = await reply(stage, request.method, new URL(request.url));
    return Response.json(body, { status });
  };
  const server = serve(port, handler);
  return { port: server.addr.port, stop: () => server.shutdown() };
}

function serve(
  port: number,
  handler: (request: Request) => Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: HOST, port, onListen() {} }, handler);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTaken("control", port);
    throw error;
  }
}

async function reply(stage: Stage, method: string, url: URL): Promise<Reply> {
  const [first = "", second, third, ...rest] = url.pathname.split("/").slice(1).map(decodeURIComponent);
  if (rest.length > 0) return unknown(stage, url.pathname);
  if (first === "") return method === "GET" ? { status: 200, body: state(stage) } : wrongMethod("GET");
  if (second === undefined && (first === "freeze" || first === "thaw")) {
    if (method !== "POST") return wrongMethod("POST");
    const frozen = stage.pacer.frozen = first === "freeze";
    stage.chain?.follow(stage.pacer.step, frozen);
    if (frozen) await stage.chain?.settle();
    return { status: 200, body: { frozen: stage.pacer.frozen, step: stage.pacer.step } };
  }
  if (first === "chain" && third === undefined) {
    return stage.chain === undefined
      ? { status: 404, body: { error: "There is no chain: it is off" } }
      : await chainReply(stage.chain, method, second, url.searchParams);
  }
  const endpoint = stage.endpoints.get(first);
  if (endpoint === undefined || second === undefined) return unknown(stage, url.pathname);
  if (second === "book" && third !== undefined) {
    return method === "GET" ? book(stage, first, third, url.searchParams) : wrongMethod("GET");
  }
  const fault = third === undefined ? FAULTS[second] : undefined;
  if (fault === undefined) return unknown(stage, url.pathname);
  if (method !== "POST") return wrongMethod("POST");
  const outcome = fault.run({
    endpoint,
    symbols: stage.options.symbols,
    query: url.searchParams,
    now: wallclock(),
  });
  if ("problem" in outcome) return { status: 400, body: { error: outcome.problem, takes: fault.takes } };
  return { status: 200, body: { venue: first, fault: second, ...outcome } };
}

function state(stage: Stage): unknown {
  const now = wallclock();
  const { pacer, options } = stage;
  return {
    seed: options.seed,
    symbols: options.symbols,
    step: pacer.step,
    frozen: pacer.frozen,
    missedChanges: pacer.missed,
    venues: Object.fromEntries([...stage.endpoints].map(([id, endpoint]) => [id, endpoint.state(now)])),
    chain: stage.chain?.state() ?? { phase: "off" },
    known: known(stage),
  };
}

/** The present truth of a book. Texts without trailing zeros; null for an empty side. */
function book(stage: Stage, venue: string, name: string, query: URLSearchParams): Reply {
  const symbol = new SymbolIndex(stage.options.symbols).resolve(name);
  if (symbol === undefined) {
    return { status: 404, body: { error: `No symbol ${name}`, known: stage.options.symbols } };
  }
  const endpoint = stage.endpoints.get(venue)!;
  if (endpoint instanceof VenueServer && endpoint.replays) {
    return { status: 404, body: { error: `${venue} replays a recording, it has no market` } };
  }
  const depth = Number(query.get("depth") ?? 1);
  if (!Number.isInteger(depth) || depth < 1 || depth > MOST_DEPTH) {
    return { status: 400, body: { error: `Depth ${query.get("depth")} is not from 1 to ${MOST_DEPTH}` } };
  }
  const ladder = stage.ladders.get(venue)![stage.options.symbols.indexOf(symbol)]!;
  const [bids, asks] = [levels(ladder, "bid", depth), levels(ladder, "ask", depth)];
  const [[bid, bidSize] = [null, null], [ask, askSize] = [null, null]] = [bids[0], asks[0]];
  const { step, frozen } = stage.pacer;
  const venueSymbol = stage.venueSymbol(venue, symbol);
  return {
    status: 200,
    body: { venue, symbol, venueSymbol, step, frozen, bid, bidSize, ask, askSize, bids, asks },
  };
}

function levels(ladder: Ladder, side: SideName, depth: number): [price: string, size: string][] {
  const { priceDecimals, sizeDecimals } = ladder.listing;
  const window = new Window(depth);
  ladder.fill(side, window);
  return Array.from(
    { length: window.length },
    (_, at) => [trimmed(window.ticks[at]!, priceDecimals), trimmed(window.lots[at]!, sizeDecimals)],
  );
}

function unknown(stage: Stage, path: string): Reply {
  return { status: 404, body: { error: `Nothing at ${path}`, known: known(stage) } };
}

function known(stage: Stage): unknown {
  return {
    get: ["/", "/chain", "/<venue>/book/<symbol>?depth=N"],
    post: ["/freeze", "/thaw", "/<venue>/<fault>", "/chain/<fault>"],
    venues: [...stage.endpoints.keys()],
    faults: takesOf(FAULTS),
    chainFaults: takesOf(CHAIN_FAULTS),
  };
}
