/**
 * The program without its surroundings: quote table, screener, fan-in, workers and mode, wired to one object that
 * answers as `Market`.
 */
import type { Mode } from "../domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Quote } from "../domain/quote.ts";
import { SymbolIndex } from "../domain/symbol.ts";
import type { Bar } from "../domain/bar.ts";
import type { Episode } from "../domain/episode.ts";
import type { Archive } from "../ports/archive.ts";
import type { PriceCache } from "../ports/cache.ts";
import type { Clock } from "../ports/clock.ts";
import { type EpisodesQuery, HistoryError, type HistoryReader } from "../ports/history.ts";
import type { Log } from "../ports/log.ts";
import type { WorkerHost } from "../ports/workers.ts";
import { Asker, QuoteTable } from "../screener/quote_table.ts";
import { Screener } from "../screener/screener.ts";
import { Minutes, type MinuteSource } from "../stats/minutes.ts";
import { slotMsFor } from "../stats/slots.ts";
import { startGraceMs, storageProblems, venueStatus, verdict } from "./health.ts";
import type {
  BarInterval,
  Health,
  Market,
  ModeStatus,
  OpportunityFilter,
  PriceStatistics,
  QuoteChange,
  VenueStatus,
} from "./market.ts";
import { type Meters, VenueMeters } from "./meters.ts";
import { Modes } from "./modes.ts";
import { select } from "./opportunities.ts";
import { Orchestrator } from "./orchestrator.ts";
import { Recorder } from "./recorder.ts";
import { barsOf, statisticsOf } from "./statistics.ts";
import { Supervisor, type SupervisorSettings, type WorkerPlan } from "./supervisor.ts";

/** A worker's plan before its exchanges have places in the table. */
export interface VenuePlan extends Omit<WorkerPlan, "exchanges" | "symbols"> {
  exchanges: readonly string[];
  /** 0 for pools: what they keep is in their prices. */
  takerFeeBps: number;
}

export interface MarketFlowSettings {
  version: string;
  mode: Mode;
  symbols: readonly string[];
  /** The workers of each mode. An exchange that occurs in both has the same fee and pays the same gas in both. */
  venues: Readonly<Record<Mode, readonly VenuePlan[]>>;
  screener: { minNetBps: number; hysteresisBps: number };
  supervisor: Omit<SupervisorSettings, "slotMs">;
  /** `quotes`: raw ticks are kept as well. */
  history: { quotes: boolean; retention: { minutes: number } };
}

export interface MarketFlowPorts {
  host: WorkerHost;
  clock: Clock;
  log: Log;
  archive: Archive;
  /** What is written goes through the archive. */
  history: HistoryReader;
  cache: PriceCache;
  /** Uniform in [0, 1), for the jitter of backoffs. */
  random(): number;
  /** Called when a worker could not be ended; the process has to exit. */
  unstoppable(venue: string): void;
  memory(): Health["memory"];
}

export class MarketFlow implements Market {
  readonly version: string;
  readonly symbols: readonly string[];
  readonly #settings: MarketFlowSettings;
  readonly #ports: MarketFlowPorts;
  readonly #index: SymbolIndex;
  readonly #table: QuoteTable;
  readonly #screener: Screener;
  readonly #orchestrator: Orchestrator;
  readonly #modes: Modes;
  readonly #minutes: Minutes;
  readonly #recorder: Recorder;
  readonly #meters = new VenueMeters();
  readonly #slotMs: number;
  readonly #startedAt: number;
  readonly #fees = new Map<string, number>();

  constructor(settings: MarketFlowSettings, ports: MarketFlowPorts) {
    this.version = settings.version;
    this.symbols = settings.symbols;
    this.#settings = settings;
    this.#ports = ports;
    this.#startedAt = ports.clock.now();
    this.#index = new SymbolIndex(settings.symbols);
    const natives = new Map<string, string>();
    for (const plan of [...settings.venues.live, ...settings.venues.test]) {
      for (const exchange of plan.exchanges) {
        this.#fees.set(exchange, plan.takerFeeBps);
        if (plan.pools) natives.set(exchange, plan.pools.nativeAsset);
      }
    }
    const exchanges = [...this.#fees.keys()];
    this.#table = new QuoteTable(exchanges, settings.symbols);
    this.#screener = new Screener(this.#table, {
      ...settings.screener,
      takerFeeBps: [...this.#fees.values()],
      nativeAssets: exchanges.map((id) => natives.get(id)),
    }, Math.trunc(this.#startedAt).toString(36));
    const { archive } = ports;
    this.#minutes = new Minutes(() => this.#sources(), {
      keep: (minutes) => archive.keep({ minutes }),
      checkpoint: (minutes) => archive.checkpoint(minutes),
    }, this.#startedAt);
    this.#recorder = new Recorder({
      ...ports,
      table: this.#table,
      minutes: this.#minutes,
      fees: this.#fees,
      mode: () => this.mode,
    }, settings.history.quotes);
    const { row } = this.#recorder;
    this.#orchestrator = new Orchestrator(this.#table, this.#screener, ports.clock, {
      ...(row && { row }),
      finished: (opportunities) => this.#recorder.finished(opportunities),
    });
    this.#slotMs = slotMsFor(Math.max(...Object.values(settings.venues).map((plans) => this.#cells(plans))));
    this.#modes = new Modes(
      settings.mode,
      ports.clock,
      (mode) => this.#supervisorsOf(mode),
      (mode) => ports.log.info("Mode switched", { mode }),
      () => this.#part(),
    );
  }

  /** Takes the minutes over that were open when the program ended the last time, see `Archive.checkpoint`. */
  recover(minutes: readonly Bar[]): void {
    this.#minutes.recover(minutes);
  }

  start(): void {
    this.#orchestrator.start();
    this.#modes.start();
    this.#recorder.start();
  }

  /**
   * Ends every worker, closes what is open, publishes the last events and hands over what is to be kept. A worker that
   * does not end within the time is not waited for.
   */
  async stop(withinMs = Infinity): Promise<void> {
    let cancel = () => {};
    const late = new Promise<void>((resolve) => {
      if (withinMs < Infinity) cancel = this.#ports.clock.after(withinMs, resolve);
    });
    await Promise.race([this.#modes.stop(), late]);
    cancel();
    await this.#orchestrator.stop();
    this.#recorder.stop();
  }

  get mode(): Mode {
    return this.#modes.mode;
  }

  get exchanges(): readonly string[] {
    return this.#settings.venues[this.mode].flatMap((plan) => plan.exchanges);
  }

  get sequence(): number {
    return this.#screener.episodes.sequence;
  }

  resolveSymbol(text: string): string | undefined {
    return this.#index.resolve(text);
  }

  quotes(symbol: string): Quote[] {
    return this.exchanges.flatMap((exchange) => this.quote(exchange, symbol) ?? []);
  }

  quote(exchange: string, symbol: string): Quote | undefined {
    const exchangeId = this.#table.exchanges.indexOf(exchange);
    const symbolId = this.#index.id(symbol);
    if (exchangeId < 0 || symbolId === undefined) return undefined;
    return this.#table.quote(this.#table.cell(exchangeId, symbolId));
  }

  quoteChanges(): QuoteChange[] {
    const table = this.#table;
    return table.takeChanged(Asker.streams).map((cell) => ({
      exchange: table.exchanges[table.exchangeOf(cell)]!,
      symbol: table.symbols[table.symbolOf(cell)]!,
      quote: table.quote(cell),
    }));
  }

  get longestPeriodMs(): number {
    return this.#settings.history.retention.minutes;
  }

  priceStatistics(
    { periodMs, ...of }: { symbol: string; exchange?: string; periodMs: number },
  ): Promise<PriceStatistics> {
    return statisticsOf(this.#question(of), periodMs, this.#ports.clock.now(), this.#statistics());
  }

  bars(
    { interval, from, to, ...of }: {
      symbol: string;
      exchange?: string;
      interval: BarInterval;
      from: number;
      to: number;
    },
  ): AsyncIterable<Bar[]> {
    return barsOf(this.#question(of), { interval, from, to }, this.#ports.clock.now(), this.#statistics());
  }

  episodes(query: Omit<EpisodesQuery, "mode">): AsyncIterable<Episode[]> {
    return this.#history().episodes({ ...query, mode: this.mode });
  }

  recentQuotes({ exchange, symbol, since }: { exchange: string; symbol: string; since: number }) {
    return this.#ports.cache.recent(this.mode, exchange, symbol, since);
  }

  opportunities(filter: OpportunityFilter = {}): Opportunity[] {
    return select(this.#screener.episodes.list(), filter).slice(0, filter.limit).map((one) => ({ ...one }));
  }

  subscribe(listener: (events: readonly OpportunityEvent[]) => void): () => void {
    return this.#orchestrator.subscribe(listener);
  }

  modeStatus(): ModeStatus {
    return this.#modes.status();
  }

  switchMode(mode: Mode): Promise<ModeStatus> {
    return this.#modes.switchTo(mode);
  }

  venues(): VenueStatus[] {
    const now = this.#ports.clock.now();
    return this.#modes.supervisors.map((supervisor) =>
      venueStatus(supervisor, this.#fees.get(supervisor.plan.exchanges[0]!.id)!, this.#table, now)
    );
  }

  health(): Health {
    const now = this.#ports.clock.now();
    const venues = this.venues();
    const { mode, since, switching } = this.modeStatus();
    const { status, problems } = verdict(
      venues,
      now - since,
      switching,
      startGraceMs(this.#settings.venues[mode]),
    );
    const cache = this.#ports.cache.status();
    const { history, outbox } = this.#ports.archive.status();
    const stored = storageProblems(cache, { history, outbox });
    return {
      status: status === "ok" && stored.length > 0 ? "degraded" : status,
      problems: [...problems, ...stored],
      mode,
      version: this.version,
      uptimeMs: Math.round(now - this.#startedAt),
      venues,
      opportunities: { ...this.#screener.episodes.counts, refused: { ...this.#screener.refused } },
      cache,
      history,
      outbox,
      memory: this.#ports.memory(),
    };
  }

  meters(): Meters {
    const { rows, ticks, rounds, evaluationMs } = this.#orchestrator;
    const { supervisors } = this.#modes;
    return {
      startedAt: this.#startedAt,
      venues: this.#meters.list(
        this.mode,
        supervisors.map(({ plan, counters }) => ({ venue: plan.venue, counters })),
      ),
      exchanges: supervisors.flatMap(({ plan }) =>
        plan.exchanges.map(({ id, firstCell }) => ({
          venue: plan.venue,
          exchange: id,
          ...this.#table.count(firstCell, plan.symbols.length),
        }))
      ),
      rows,
      ticks,
      rounds,
      evaluationMs,
    };
  }

  #question({ symbol, exchange }: { symbol: string; exchange?: string }) {
    return { mode: this.mode, symbol, exchanges: exchange === undefined ? this.exchanges : [exchange] };
  }

  #statistics() {
    return {
      minutes: this.#minutes,
      history: this.#history(),
      sources: () => this.#sources(),
      since: () => this.modeStatus().since,
    };
  }

  /** The history, or one that says at once that it is gone, where the archive knows it: a question would wait for that. */
  #history(): HistoryReader {
    const { state, error } = this.#ports.archive.status().history;
    return state === "unreachable" ? goneHistory(error) : this.#ports.history;
  }

  #sources(): MinuteSource[] {
    return this.#modes.supervisors.map(({ plan, slots }) => ({
      mode: this.mode,
      exchanges: plan.exchanges,
      symbols: plan.symbols,
      slots,
    }));
  }

  /** The workers of the mode have ended: what they know is taken before it is gone. */
  #part(): void {
    for (const { plan, counters } of this.#modes.supervisors) {
      this.#meters.end(this.mode, plan.venue, counters);
    }
    this.#recorder.flush();
    this.#minutes.part(this.#sources(), this.#ports.clock.now());
  }

  #cells(plans: readonly VenuePlan[]): number {
    return plans.reduce((sum, plan) => sum + plan.exchanges.length, 0) * this.symbols.length;
  }

  #supervisorsOf(mode: Mode): Supervisor[] {
    const startTime = this.#ports.clock.now();
    return this.#settings.venues[mode].map(({ exchanges, takerFeeBps: _, ...plan }) =>
      new Supervisor(
        {
          ...plan,
          ...(plan.test && { test: { ...plan.test, startTime } }),
          symbols: this.symbols,
          exchanges: exchanges.map((id) => ({
            id,
            firstCell: this.#table.cell(this.#table.exchanges.indexOf(id), 0),
          })),
        },
        { ...this.#settings.supervisor, slotMs: this.#slotMs },
        { ...this.#ports, orchestrator: this.#orchestrator },
      )
    );
  }
}

function goneHistory(error: string | null): HistoryReader {
  // deno-lint-ignore require-yield
  async function* gone(): AsyncGenerator<never> {
    throw await Promise.resolve(new HistoryError("unreachable", error ?? "The history is not reachable"));
  }
  return { bars: gone, episodes: gone, close: () => Promise.resolve() };
}
