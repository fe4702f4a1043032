/**
 * Recorded frames of a venue, one a line. Frames of books and best prices are kept, word for word; acknowledgements,
 * heartbeats and trades of the recorded session are not, as the emulator has its own.
 */
import { SymbolIndex } from "../core/domain/symbol.ts";

export interface RecordedFrame {
  text: string;
  /** Time inside the frame, ms since the epoch, never going back; null where no frame so far had one. */
  at: number | null;
}

/** Frames in the order of the wire. */
export type Recording = readonly RecordedFrame[];

export interface RecordedSymbol {
  /** The venue's own name, as in the frames. */
  venueSymbol: string;
  /** Canonical. */
  symbol: string;
}

/** What a frame tells about itself; null for a frame that is not of a book or a best price. */
interface Sight {
  venueSymbol: string;
  at: number | null;
}

type Json = { [key: string]: Json | undefined } & Json[] & (string | number);

/** Reads a recording. `known` are canonical symbols by which names without a separator are understood. */
export function parseRecording(
  venue: string,
  text: string,
  known: readonly string[],
): { frames: Recording; symbols: RecordedSymbol[] } {
  const sight = SIGHTS[venue]!;
  const frames: RecordedFrame[] = [];
  const symbols = new Map<string, string>();
  let latest: number | null = null;
  for (const line of text.split("\n")) {
    const seen = look(line, sight);
    if (seen === null) continue;
    // Topics of one connection are not ordered by their times; the wire order counts.
    if (seen.at !== null) latest = Math.max(latest ?? seen.at, seen.at);
    frames.push({ text: line, at: latest });
    symbols.set(seen.venueSymbol, canonical(seen.venueSymbol, known));
  }
  return { frames, symbols: [...symbols].map(([venueSymbol, symbol]) => ({ venueSymbol, symbol })) };
}

function look(line: string, sight: (frame: Json) => Sight | null): Sight | null {
  try {
    return sight(JSON.parse(line));
  } catch {
    return null; // A bare `pong`, an empty line, or a frame of another shape.
  }
}

const SIGHTS: Readonly<Record<string, (frame: Json) => Sight | null>> = {
  bybit(frame) {
    const [kind, ...rest] = String(frame.topic).split(".");
    if (kind !== "orderbook" && kind !== "tickers") return null;
    return { venueSymbol: rest.at(-1)!, at: time(frame.ts) };
  },
  okx(frame) {
    if (frame.event !== undefined || !/^(bbo-tbt|books|tickers)/u.test(String(frame.arg!.channel))) {
      return null;
    }
    return { venueSymbol: String(frame.arg!.instId), at: time(frame.data![0]!.ts) };
  },
  gateio(frame) {
    const result = frame.result!;
    if (
      frame.event !== "update" || !/\.(obu|order_book|order_book_update|book_ticker|tickers)$/u.test(
        String(frame.channel),
      )
    ) return null;
    const name = String(result.s ?? result.currency_pair).replace(/^ob\.(.*)\.\d+$/u, "$1");
    return { venueSymbol: name, at: time(result.t ?? frame.time_ms) ?? seconds(frame.time) };
  },
  kraken(frame) {
    if (frame.channel !== "book" && frame.channel !== "ticker") return null;
    const data = frame.data![0]!;
    const at = Date.parse(String(data.timestamp));
    return { venueSymbol: String(data.symbol), at: Number.isNaN(at) ? null : at };
  },
};

function time(value: unknown): number | null {
  const ms = Number(value);
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

function seconds(value: unknown): number | null {
  const s = time(value);
  return s === null ? null : s * 1000;
}

const QUOTES = ["USDT", "USDC", "USD", "EUR", "BTC", "ETH"];

/** `BTC-USDT-SWAP` counts as `BTC-USDT`. A name without a separator ends in a known symbol's or a usual quote. */
function canonical(venueSymbol: string, known: readonly string[]): string {
  const [base, quote] = venueSymbol.toUpperCase().split(/[-_/]/u);
  if (quote !== undefined) return `${base}-${quote}`;
  const resolved = new SymbolIndex(known).resolve(venueSymbol);
  if (resolved !== undefined) return resolved;
  const ending = QUOTES.find((each) => base!.endsWith(each) && base!.length > each.length);
  return ending === undefined ? `${base}-USDT` : `${base!.slice(0, -ending.length)}-${ending}`;
}
