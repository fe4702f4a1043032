/**
 * One made-up market on several venues: seeded, and a pure function of the step.
 *
 * - A symbol's fair price wanders smoothly around its listing price on scales from a second to hours.
 * - A venue quotes it a little late, with its own spread and sizes, and now and then drifts away by some tens of
 *   basis points for 2–20 s: those are the opportunities.
 *
 * Every quote depends on nothing but (seed, venue, symbol, step): a worker that knows only its own venue makes the
 * same quotes as one that makes all of them, in whatever order and pace they are asked for. Durations in comments
 * are at 20 steps a second.
 */
import { fairSymbolOf, type Listing, listingOf } from "./listing.ts";
import { keyOf, smooth, uniform } from "./noise.ts";

/** Waves of the fair price: how many steps from turn to turn, and how far, in basis points. */
const WAVES: readonly (readonly [period: number, bps: number])[] = [
  [20, 0.6],
  [200, 3],
  [2_000, 15],
  [20_000, 60],
  [200_000, 250],
];

/** A venue drifts from a symbol's fair price at most once in so many steps (half a minute) … */
const DRIFT_WINDOW = 600;
/** … and in this share of them, … */
const DRIFT_SHARE = 0.6;
/** … for 2 to 20 s, short ones more often, … */
const DRIFT_STEPS = { least: 40, most: 400 };
/** … by so many basis points at its height, up or down. Fees of 10 + 40 bps are overcome by most of them. */
const DRIFT_BPS = { least: 30, most: 120 };
/** It comes and goes over half a second. */
const DRIFT_EDGE = 10;

/** What stands at the top, in dollars or whatever is quoted: spread evenly over magnitudes. */
const NOTIONAL = { least: 300, most: 60_000 };

const BPS = 1 / 10_000;

interface Cell {
  key: number;
  driftKey: number;
  sizeKey: number;
  /** It requotes every `cadence` steps. */
  cadence: number;
  phase: number;
  driftPhase: number;
  halfSpreadBps: number;
}

interface Side {
  listing: Listing;
  waveKeys: readonly number[];
  /** Some coins move more than others. */
  volatility: number;
}

export class SyntheticMarket {
  readonly exchanges: readonly string[];
  readonly symbols: readonly string[];
  readonly listings: readonly Listing[];
  /** Quotes by cell, see `cell`. Filled by the first `step`. */
  readonly bid: Float64Array;
  readonly bidSize: Float64Array;
  readonly ask: Float64Array;
  readonly askSize: Float64Array;
  readonly #cells: readonly Cell[];
  readonly #sides: readonly Side[];
  readonly #quotedAt: Float64Array;
  readonly #changed: number[] = [];

  /** `seed` is an integer; its lowest 32 bits count. */
  constructor(seed: number, symbols: readonly string[], exchanges: readonly string[]) {
    this.exchanges = exchanges;
    this.symbols = symbols;
    this.listings = symbols.map(listingOf);
    this.#sides = symbols.map((symbol, at) => newSide(seed, symbol, this.listings[at]!));
    this.#cells = exchanges.flatMap((exchange) => symbols.map((symbol) => newCell(seed, exchange, symbol)));
    const count = this.#cells.length;
    this.bid = new Float64Array(count);
    this.bidSize = new Float64Array(count);
    this.ask = new Float64Array(count);
    this.askSize = new Float64Array(count);
    this.#quotedAt = new Float64Array(count).fill(NaN);
  }

  /** Where the quote of `exchanges[exchange]` for `symbols[symbol]` stands in the arrays. */
  cell(exchange: number, symbol: number): number {
    return exchange * this.symbols.length + symbol;
  }

  /**
   * Moves the quotes to step `n`, an integer; forwards, backwards or far away costs the same. Returns the cells that
   * were quoted anew since the step before; the array is only valid until the next call.
   */
  step(n: number): readonly number[] {
    this.#changed.length = 0;
    for (let cell = 0; cell < this.#cells.length; cell++) {
      const { cadence, phase } = this.#cells[cell]!;
      const quotedAt = Math.floor((n + phase) / cadence) * cadence - phase;
      if (quotedAt === this.#quotedAt[cell]) continue;
      this.#quotedAt[cell] = quotedAt;
      this.#quote(cell, quotedAt);
      this.#changed.push(cell);
    }
    return this.#changed;
  }

  #quote(at: number, n: number): void {
    const cell = this.#cells[at]!;
    const side = this.#sides[at % this.symbols.length]!;
    const { price, priceDecimals, sizeDecimals } = side.listing;
    const offBps = fairBps(side, n) + 1.5 * smooth(cell.key, n, 60) + driftBps(cell, n);
    const middle = price * Math.exp(offBps * BPS);
    const half = middle * cell.halfSpreadBps * BPS;
    // Whole ticks divided by a power of ten are the closest double to the decimal, and print as it.
    const ticks = 10 ** priceDecimals;
    const bidTicks = Math.max(1, Math.floor((middle - half) * ticks));
    const askTicks = Math.max(bidTicks + 1, Math.ceil((middle + half) * ticks));
    this.bid[at] = bidTicks / ticks;
    this.ask[at] = askTicks / ticks;
    this.bidSize[at] = sizeBase(cell, 2 * n, middle, sizeDecimals);
    this.askSize[at] = sizeBase(cell, 2 * n + 1, middle, sizeDecimals);
  }
}

function newSide(seed: number, symbol: string, listing: Listing): Side {
  const fair = fairSymbolOf(symbol);
  const waveKeys = WAVES.map((_, at) => keyOf(seed, fair, `wave ${at}`));
  return { listing, waveKeys, volatility: 0.6 + 1.2 * uniform(keyOf(seed, fair, "volatility"), 0) };
}

function newCell(seed: number, exchange: string, symbol: string): Cell {
  const key = keyOf(seed, exchange, symbol);
  const cadence = 1 + Math.floor(4 * uniform(key, -1));
  return {
    key,
    driftKey: keyOf(seed, exchange, symbol, "drift"),
    sizeKey: keyOf(seed, exchange, symbol, "size"),
    cadence,
    phase: Math.floor(cadence * uniform(key, -2)),
    driftPhase: Math.floor(DRIFT_WINDOW * uniform(key, -3)),
    halfSpreadBps: 0.2 + 1.3 * uniform(key, -4),
  };
}

function fairBps(side: Side, n: number): number {
  let bps = 0;
  for (let at = 0; at < WAVES.length; at++) {
    const [period, height] = WAVES[at]!;
    bps += height * smooth(side.waveKeys[at]!, n, period);
  }
  return bps * side.volatility;
}

/** How far the venue has drifted from the fair price at step `n`. */
function driftBps(cell: Cell, n: number): number {
  const shifted = n + cell.driftPhase;
  const window = Math.floor(shifted / DRIFT_WINDOW);
  if (uniform(cell.driftKey, 4 * window) >= DRIFT_SHARE) return 0;
  const length = DRIFT_STEPS.least +
    (DRIFT_STEPS.most - DRIFT_STEPS.least) * uniform(cell.driftKey, 4 * window + 1) ** 2;
  const begin = (DRIFT_WINDOW - length) * uniform(cell.driftKey, 4 * window + 2);
  const into = shifted - window * DRIFT_WINDOW - begin;
  if (into <= 0 || into >= length) return 0;
  const height = 2 * uniform(cell.driftKey, 4 * window + 3) - 1;
  const bps = DRIFT_BPS.least + (DRIFT_BPS.most - DRIFT_BPS.least) * Math.abs(height);
  return Math.sign(height) * bps * Math.min(1, into / DRIFT_EDGE, (length - into) / DRIFT_EDGE);
}

function sizeBase(cell: Cell, position: number, price: number, decimals: number): number {
  const notional = NOTIONAL.least * (NOTIONAL.most / NOTIONAL.least) ** uniform(cell.sizeKey, position);
  const lots = 10 ** decimals;
  return Math.max(1, Math.round(notional / price * lots)) / lots;
}
