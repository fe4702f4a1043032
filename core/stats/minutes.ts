/**
 * Closes minutes: when one is over, and what came late had its time, the figures of all cells become bars that are kept.
 * The minute that is still open is handed over now and then as a checkpoint, so that a crash costs seconds of it.
 *
 * A minute can have several parts: before and after a change of mode, before and after a restart of the program. They
 * are put together when it closes.
 */
import { type Bar, MINUTE_MS } from "../domain/bar.ts";
import type { Mode } from "../domain/mode.ts";
import { combine } from "./aggregate.ts";
import { MOST_BACK_MS, type SlotReader } from "./slots.ts";

/** How long a minute waits for what is late. */
const LATE_MS = 2_000;
/** The time between two checkpoints for each of so many bars, so that they cost little also with very many. */
const CHECKPOINT_EVERY_MS = 5_000;
const BARS_PER_CHECKPOINT = 1_000;
/** Minutes that are held after they closed: until they are surely in the history, and for questions meanwhile. */
const HELD_MINUTES = 10;
/** A look this late means that the process, or the machine, stood still: nobody saw what prices did. */
const PAUSE_MS = 10_000;

/** Prices of some exchanges, as one worker writes them. */
export interface MinuteSource {
  mode: Mode;
  exchanges: readonly { id: string; firstCell: number }[];
  symbols: readonly string[];
  slots: SlotReader;
}

export interface MinuteSink {
  /** Closed minutes. */
  keep(bars: readonly Bar[]): void;
  /** All minutes that are not closed yet; replaces the checkpoint before. */
  checkpoint(bars: readonly Bar[]): void;
}

export class Minutes {
  readonly #sources: () => readonly MinuteSource[];
  readonly #sink: MinuteSink;
  /** Parts of minutes that are not closed, from sources that are gone. In the order of time. */
  #parts: Bar[] = [];
  #held: Bar[] = [];
  /** Begin of the first minute that is not closed. */
  #openFrom: number;
  /** Begin of the first minute that `held` can have. */
  #heldFrom: number;
  #lookedAt: number;
  #checkpointAt: number;
  #checkpointEveryMs = CHECKPOINT_EVERY_MS;
  /** Times that nobody saw, or that were lived twice. */
  #pauses: { from: number; to: number }[] = [];

  constructor(sources: () => readonly MinuteSource[], sink: MinuteSink, now: number) {
    this.#sources = sources;
    this.#sink = sink;
    this.#openFrom = this.#heldFrom = minuteOf(now);
    this.#lookedAt = this.#checkpointAt = now;
  }

  /** Minutes before this one are not held here any more: they are in the history. */
  get heldFrom(): number {
    return this.#heldFrom;
  }

  /** Parts from before the program started. A minute that is over by now was cut, and is kept as it is. */
  recover(bars: readonly Bar[]): void {
    const cut = bars.filter((bar) => bar.timestamp < this.#openFrom);
    if (cut.length > 0) this.#sink.keep(cut.map((bar) => ({ ...bar, complete: false })));
    this.#parts = [...bars.filter((bar) => bar.timestamp >= this.#openFrom), ...this.#parts];
  }

  /** Does what is due. To be called about every second. */
  look(now: number): void {
    if (now - this.#lookedAt > PAUSE_MS) this.#pauses.push({ from: this.#lookedAt, to: now });
    else if (this.#lookedAt - now > MOST_BACK_MS) this.#goBack(now);
    this.#lookedAt = now;
    while (now >= this.#openFrom + MINUTE_MS + LATE_MS) this.#close(now);
    if (Math.abs(now - this.#checkpointAt) < this.#checkpointEveryMs) return;
    this.#checkpointAt = now;
    const open = this.#open(now);
    this.#checkpointEveryMs = CHECKPOINT_EVERY_MS * Math.ceil(Math.max(1, open.length) / BARS_PER_CHECKPOINT);
    this.#sink.checkpoint(open);
  }

  /** True where the process was awake throughout, as far as it remembers: about ten minutes. */
  saw(from: number, to: number): boolean {
    return !this.#pauses.some((pause) => from < pause.to && to > pause.from);
  }

  /** These sources are about to go: takes what they know of the minutes that are not closed. */
  part(sources: readonly MinuteSource[], now: number): void {
    this.#parts.push(...this.#openBars(sources, now));
  }

  /** The end: the open minutes are kept as far as they are known; the next run puts its own part to them. */
  stop(now: number): void {
    this.part(this.#sources(), now);
    const open = this.#together(this.#parts).map((bar) => ({ ...bar, complete: false }));
    this.#sink.keep(open);
    this.#sink.checkpoint(open);
  }

  /** The bars of `[heldFrom, now]` of a symbol, in the order of time, then as the exchanges are given; open ones last. */
  bars(of: { mode: Mode; symbol: string; exchanges: readonly string[]; from: number }, now: number): Bar[] {
    const place = (bar: Bar) => of.exchanges.indexOf(bar.exchange);
    const wanted = (bar: Bar) =>
      bar.mode === of.mode && bar.symbol === of.symbol && bar.timestamp >= of.from && place(bar) >= 0;
    return [...this.#held, ...this.#open(now, of.symbol)].filter(wanted)
      .sort((a, b) => a.timestamp - b.timestamp || place(a) - place(b));
  }

  /** The clock was set back: the minutes since `now` come again, and none of them is complete. */
  #goBack(now: number): void {
    this.#pauses.push({ from: now, to: this.#lookedAt });
    this.#openFrom = Math.min(this.#openFrom, minuteOf(now));
    this.#heldFrom = Math.min(this.#heldFrom, this.#openFrom);
    const before = (bar: Bar) => bar.timestamp < this.#openFrom;
    this.#held = this.#held.filter(before);
    this.#parts = this.#parts.filter(before);
  }

  #close(now: number): void {
    const minute = this.#openFrom;
    const of = (bar: Bar) => bar.timestamp === minute;
    const parts = [
      ...this.#parts.filter(of),
      ...this.#sources().flatMap((source) => barsOf(source, minute, now)),
    ];
    const bars = this.#together(parts);
    this.#parts = this.#parts.filter((bar) => !of(bar));
    this.#openFrom += MINUTE_MS;
    this.#heldFrom = Math.max(this.#heldFrom, this.#openFrom - HELD_MINUTES * MINUTE_MS);
    this.#held = [...this.#held.filter((bar) => bar.timestamp >= this.#heldFrom), ...bars];
    this.#pauses = this.#pauses.filter((pause) => pause.to > this.#heldFrom);
    if (bars.length > 0) this.#sink.keep(bars);
  }

  /** The minutes that are not closed, as far as they are known. */
  #open(now: number, symbol?: string): Bar[] {
    const parts = this.#parts.filter((bar) => symbol === undefined || bar.symbol === symbol);
    return this.#together([...parts, ...this.#openBars(this.#sources(), now, symbol)])
      .map((bar) => ({ ...bar, complete: false }));
  }

  #openBars(sources: readonly MinuteSource[], now: number, symbol?: string): Bar[] {
    const bars: Bar[] = [];
    for (let minute = this.#openFrom; minute <= now; minute += MINUTE_MS) {
      for (const source of sources) bars.push(...barsOf(source, minute, now, symbol));
    }
    return bars;
  }

  /** One bar for each mode, exchange, symbol and minute. */
  #together(parts: readonly Bar[]): Bar[] {
    const byKey = Map.groupBy(parts, (bar) => `${bar.timestamp} ${bar.mode} ${bar.exchange} ${bar.symbol}`);
    return [...byKey.values()].flatMap((bars) => {
      const bar = bars.length === 1 ? bars[0]! : combine(bars, bars[0]!.timestamp, MINUTE_MS)!;
      if (this.saw(bar.timestamp, bar.timestamp + MINUTE_MS)) return [bar];
      return bar.samples > 0 ? [{ ...bar, complete: false }] : [];
    });
  }
}

export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS) * MINUTE_MS;
}

function barsOf(source: MinuteSource, minute: number, now: number, symbol?: string): Bar[] {
  const { mode, exchanges, symbols, slots } = source;
  const bars: Bar[] = [];
  for (const { id: exchange, firstCell } of exchanges) {
    for (const [at, name] of symbols.entries()) {
      if (symbol !== undefined && name !== symbol) continue;
      const aggregate = slots.read(firstCell + at, minute, minute + MINUTE_MS, now);
      const bar = aggregate.toBar({ mode, exchange, symbol: name, timestamp: minute }, MINUTE_MS);
      if (bar !== undefined) bars.push(bar);
    }
  }
  return bars;
}
