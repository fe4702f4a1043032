/**
 * The four emulated exchanges in a process of their own, at a pace that is set over HTTP: `POST /pace/<frames a
 * second>`; `GET /` shows what was sent, `GET /quotes` what stands in the books.
 */
import process from "node:process";
import { BybitServer } from "../../emulator/bybit.ts";
import { GateioServer } from "../../emulator/gateio.ts";
import { KrakenServer } from "../../emulator/kraken.ts";
import { OkxServer } from "../../emulator/okx.ts";
import type { Listed, VenueServer } from "../../emulator/server.ts";
import { tell } from "../harness/child.ts";
import { isProbe, PacedMarket, SYMBOLS, type VenueId, VENUES } from "./market.ts";
import { RepeatedStream } from "./repeated.ts";

/** Events come of these alone; they are part of the pace. */
const PROBES_PER_SECOND = 200;
/** After a pause of this process no more than this is made up for; what is left out is told. */
const MOST_CATCH_UP_MS = 200;
const HOUSEKEEPING_MS = 50;

export interface SourceState {
  /** Frames handed to the kernel, by venue, answers and heartbeats among them. */
  framesSent: Record<VenueId, number>;
  /** Clients that did not read fast enough and were cut. */
  cut: number;
  /** Frames that were due and never made. */
  missed: number;
  cpuMicros: number;
}

const NAMES: Record<VenueId, (symbol: string) => string> = {
  bybit: (symbol) => symbol.replace("-", ""),
  okx: (symbol) => symbol,
  gateio: (symbol) => symbol.replace("-", "_"),
  kraken: (symbol) => symbol.replace("-", "/"),
};
const SERVERS = { bybit: BybitServer, okx: OkxServer, gateio: GateioServer, kraken: KrakenServer };

const epoch = Number(Deno.args[0]);
const market = new PacedMarket();
const servers = VENUES.map(serverOf);
for (const server of servers) server.start(0);
let pace = 0;
let missed = 0;
run();
const control = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
tell({
  control: control.addr.port,
  ports: Object.fromEntries(VENUES.map((id, at) => [id, servers[at]!.port])),
});

function listed(id: VenueId, venue: number): Listed[] {
  return SYMBOLS.map((symbol, index) => {
    const [base, quote] = symbol.split("-") as [string, string];
    const { listing } = market.ladders[venue]![index]!;
    return { symbol, base, quote, venueSymbol: NAMES[id](symbol), listing, index };
  });
}

function serverOf(id: VenueId, venue: number): VenueServer {
  const server = new SERVERS[id]({ seed: 3, ladders: market.ladders[venue]! }, listed(id, venue));
  const subscribe = server["subscribe"];
  server["subscribe"] = (client, key, item, make) =>
    subscribe.call(server, client, key, item, (ladder) => {
      const symbol = item.index!;
      if (isProbe(venue, symbol)) return make(ladder);
      return new RepeatedStream(make(ladder), ladder, () => market.move(venue, symbol));
    });
  return server;
}

/** Every millisecond: what is due since the last time. */
function run(): void {
  let last = performance.now();
  let due = 0;
  let probesDue = 0;
  let housekeepingAt = 0;
  setInterval(() => {
    const now = performance.now();
    const elapsed = Math.min(now - last, MOST_CATCH_UP_MS);
    missed += Math.floor((now - last - elapsed) * pace / 1000);
    last = now;
    due += elapsed * pace / 1000;
    if (pace > 0) probesDue += elapsed * PROBES_PER_SECOND / 1000;
    for (; due >= 1; due--) {
      const probe = probesDue >= 1;
      if (probe) probesDue--;
      const time = performance.timeOrigin + performance.now();
      const { venue, symbol } = probe
        ? market.moveProbe(Math.round((time - epoch) * 1000))
        : market.nextLoad();
      servers[venue]!.changed(symbol, time);
    }
    if (now - housekeepingAt < HOUSEKEEPING_MS) return;
    housekeepingAt = now;
    for (const server of servers) server.housekeep(performance.timeOrigin + now);
  }, 1);
}

function answer(request: Request): Response {
  const [, word, value] = new URL(request.url).pathname.split("/");
  if (word === "quotes") return Response.json(quotes());
  if (word === "pace") pace = Number(value);
  return Response.json(state());
}

function state(): SourceState {
  const states = servers.map((server) => server.state(Date.now()));
  const { user, system } = process.cpuUsage();
  return {
    framesSent: Object.fromEntries(VENUES.map((id, at) => [id, states[at]!.framesSent])) as Record<
      VenueId,
      number
    >,
    cut: states.reduce((sum, { slowClientsCut }) => sum + slowClientsCut, 0),
    missed,
    cpuMicros: user + system,
  };
}

/** Best bid and ask with sizes by venue and symbol. */
function quotes(): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const [venue, ladders] of market.ladders.entries()) {
    for (const { symbol, listing, bidTicks, bidLots, askTicks, askLots } of ladders) {
      const [price, size] = [listing.priceDecimals, listing.sizeDecimals];
      found[`${VENUES[venue]} ${symbol}`] = [
        decimal(bidTicks, price),
        decimal(bidLots, size),
        decimal(askTicks, price),
        decimal(askLots, size),
      ];
    }
  }
  return found;
}

/** The double that is nearest to the decimal number, as reading its text gives it. */
function decimal(units: number, decimals: number): number {
  return Number(`${units}e-${decimals}`);
}
