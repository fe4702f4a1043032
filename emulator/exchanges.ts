/** All emulated exchanges around one seeded market, with their control endpoint. */
import { listingOf } from "../adapters/venues/synthetic/listing.ts";
import { SyntheticMarket } from "../adapters/venues/synthetic/market.ts";
import { BybitServer } from "./bybit.ts";
import { EmulatedChain } from "./chain/host.ts";
import { startControl } from "./control.ts";
import type { Endpoint } from "./endpoint.ts";
import { GateioServer } from "./gateio.ts";
import { KrakenServer } from "./kraken.ts";
import { Ladder } from "./ladder.ts";
import { NdjsonSource } from "./ndjson.ts";
import { OkxServer } from "./okx.ts";
import type { Options, VenueId } from "./options.ts";
import { Pacer } from "./pacer.ts";
import { parseRecording } from "./recording.ts";
import type { Listed, VenueServer } from "./server.ts";
import { wallclock } from "./wallclock.ts";

export const VENUES = ["bybit", "okx", "gateio", "kraken"] as const;
export const SOURCES = ["exchange1", "exchange2", "exchange3"] as const;

/** The venue's own name of a symbol on its socket. */
const NAMES: Readonly<Record<VenueId, (symbol: string) => string>> = {
  bybit: (symbol) => symbol.replace("-", ""),
  okx: (symbol) => symbol,
  gateio: (symbol) => symbol.replace("-", "_"),
  kraken: (symbol) => symbol.replace("-", "/"),
};

/** What the control endpoint works on. */
export interface Stage {
  options: Options;
  pacer: Pacer;
  endpoints: ReadonlyMap<string, Endpoint>;
  /** By endpoint, one per symbol. */
  ladders: ReadonlyMap<string, readonly Ladder[]>;
  venueSymbol(venue: string, symbol: string): string;
  /** Undefined where none is wanted. It begins when the exchanges listen, and takes a second or more. */
  chain: EmulatedChain | undefined;
}

export interface Exchanges extends Stage {
  /** Resolves when the chain runs, or it is known why it does not. */
  chainStarted: Promise<void>;
  /** Actual ports by name, `control` among them. */
  ports: Record<string, number>;
  stop(): Promise<void>;
}

/** A recording that was asked for, as read from its file; `books` are recorded REST answers that belong to it. */
export interface RecordingFile {
  text: string;
  books?: ReadonlyMap<string, string[]>;
}

/**
 * Starts everything. Throws PortTaken where a port cannot be had; nothing is left running then. `say` gets a line when
 * something happens to the chain by itself.
 */
export async function startExchanges(
  options: Options,
  recordings: Partial<Record<VenueId, RecordingFile>> = {},
  say: (line: string) => void = () => {},
): Promise<Exchanges> {
  const ids = [...VENUES, ...SOURCES];
  const market = new SyntheticMarket(options.seed, options.symbols, ids);
  const ladders = new Map(ids.map((id) => [
    id as string,
    market.listings.map((listing) => new Ladder(options.seed, id, listing)),
  ]));
  const endpoints = new Map<string, Endpoint>([
    ...VENUES.map((id) => [id, newVenue(id, options, ladders.get(id)!, recordings[id])] as const),
    ...SOURCES.map((id) => [id, new NdjsonSource(id, options.seed, ladders.get(id)!)] as const),
  ]);
  const byCell = ids.map((id) => ({ ladders: ladders.get(id)!, endpoint: endpoints.get(id)! }));
  const count = options.symbols.length;
  const { seed, blockMs, anvil } = options;
  const chain = options.chain
    ? new EmulatedChain({ seed, blockMs, anvil, port: options.ports.chain! }, say)
    : undefined;
  const pacer: Pacer = new Pacer({
    market,
    pacedCells: VENUES.length * count,
    rate: options.rate,
    quoted(cell) {
      const { ladders, endpoint } = byCell[Math.floor(cell / count)]!;
      const ladder = ladders[cell % count]!;
      ladder.quote(market.bid[cell]!, market.bidSize[cell]!, market.ask[cell]!, market.askSize[cell]!);
      endpoint.changed(cell % count, wallclock());
    },
    stirred(cell) {
      const { ladders, endpoint } = byCell[Math.floor(cell / count)]!;
      ladders[cell % count]!.stir();
      endpoint.changed(cell % count, wallclock());
    },
    housekeep() {
      const now = wallclock();
      for (const endpoint of endpoints.values()) endpoint.housekeep(now);
      chain?.follow(pacer.step, pacer.frozen);
    },
  });
  const venueSymbol = (venue: string, symbol: string) =>
    NAMES[venue as VenueId]?.(symbol) ?? NAMES.bybit(symbol);
  const stage: Stage = { options, pacer, endpoints, ladders, venueSymbol, chain };
  const stopEndpoints = async () => {
    pacer.stop();
    await Promise.all([chain, ...endpoints.values()].map((one) => one?.stop()));
  };
  try {
    for (const [id, endpoint] of endpoints) endpoint.start(options.ports[id]!);
    const control = startControl(stage, options.ports.control!);
    pacer.start();
    const ports = Object.fromEntries([...endpoints].map(([id, endpoint]) => [id, endpoint.port]));
    return {
      ...stage,
      chainStarted: chain?.start() ?? Promise.resolve(),
      ports: { control: control.port, ...ports, ...(chain === undefined ? {} : { chain: chain.port }) },
      async stop() {
        await Promise.all([control.stop(), stopEndpoints()]);
      },
    };
  } catch (error) {
    await stopEndpoints();
    throw error;
  }
}

function newVenue(
  id: VenueId,
  options: Options,
  ladders: Ladder[],
  file: RecordingFile | undefined,
): VenueServer {
  const recorded = file && parseRecording(id, file.text, options.symbols);
  const listed: Listed[] = (recorded?.symbols ?? []).map(({ symbol, venueSymbol }) =>
    list(symbol, venueSymbol)
  );
  // A recorded instrument takes the place of the market's of the same symbol.
  const known = new Set(listed.map(({ symbol }) => symbol));
  for (const [index, { symbol }] of ladders.entries()) {
    if (!known.has(symbol)) listed.push(list(symbol, NAMES[id](symbol), index));
  }
  const recording = recorded && { frames: recorded.frames, speed: options.speed };
  const venue = { seed: options.seed, ladders, ...(recording === undefined ? {} : { recording }) };
  if (id === "bybit") return new BybitServer(venue, listed);
  if (id === "okx") return new OkxServer(venue, listed);
  if (id === "kraken") return new KrakenServer(venue, listed);
  return new GateioServer(venue, listed, file?.books);
}

function list(symbol: string, venueSymbol: string, index?: number): Listed {
  const [base = "", quote = ""] = symbol.split("-");
  return { symbol, base, quote, venueSymbol, listing: listingOf(symbol), index };
}
