/**
 * The program without its surroundings: quote table, screener, fan-in, workers and mode, wired to one object that
 * answers as `Market`.
 */
import type { Mode } from "../domain/mode.ts";
import type { Opportunity, OpportunityEvent } from "../domain/opportunity.ts";
import type { Quote } from "../domain/quote.ts";
import { SymbolIndex } from "../domain/symbol.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { WorkerHost } from "../ports/workers.ts";
import { QuoteTable } from "../screener/quote_table.ts";
import { Screener } from "../screener/screener.ts";
import { venueStatus, verdict } from "./health.ts";
import type { Health, Market, ModeStatus, OpportunityFilter, VenueStatus } from "./market.ts";
import { Modes } from "./modes.ts";
import { select } from "./opportunities.ts";
import { Orchestrator } from "./orchestrator.ts";
import { Supervisor, type SupervisorSettings, type WorkerPlan } from "./supervisor.ts";

/** A worker's plan before its exchanges have places in the table. */
export interface VenuePlan extends Omit<WorkerPlan, "exchanges" | "symbols"> {
  exchanges: readonly string[];
  takerFeeBps: number;
}

export interface MarketFlowSettings {
  version: string;
  mode: Mode;
  symbols: readonly string[];
  /** The workers of each mode. An exchange that occurs in both has the same fee in both. */
  venues: Readonly<Record<Mode, readonly VenuePlan[]>>;
  screener: { minNetBps: number; hysteresisBps: number };
  supervisor: SupervisorSettings;
}

export interface MarketFlowPorts {
  host: WorkerHost;
  clock: Clock;
  log: Log;
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
  readonly #startedAt: number;
  readonly #fees = new Map<string, number>();

  constructor(settings: MarketFlowSettings, ports: MarketFlowPorts) {
    this.version = settings.version;
    this.symbols = settings.symbols;
    this.#settings = settings;
    this.#ports = ports;
    this.#startedAt = ports.clock.now();
    this.#index = new SymbolIndex(settings.symbols);
    for (const plan of [...settings.venues.live, ...settings.venues.test]) {
      for (const exchange of plan.exchanges) this.#fees.set(exchange, plan.takerFeeBps);
    }
    this.#table = new QuoteTable([...this.#fees.keys()], settings.symbols);
    this.#screener = new Screener(
      this.#table,
      { ...settings.screener, takerFeeBps: [...this.#fees.values()] },
      Math.trunc(this.#startedAt).toString(36),
    );
    this.#orchestrator = new Orchestrator(this.#table, this.#screener, ports.clock);
    this.#modes = new Modes(
      settings.mode,
      ports.clock,
      (mode) => this.#supervisorsOf(mode),
      (mode) => ports.log.info("Mode switched", { mode }),
    );
  }

  start(): void {
    this.#orchestrator.start();
    this.#modes.start();
  }

  /** Ends every worker, closes what is open, publishes the last events. */
  async stop(): Promise<void> {
    await this.#modes.stop();
    await this.#orchestrator.stop();
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
    return {
      ...verdict(venues, now - since, switching),
      mode,
      version: this.version,
      uptimeMs: Math.round(now - this.#startedAt),
      venues,
      opportunities: { ...this.#screener.episodes.counts, refused: { ...this.#screener.refused } },
      memory: this.#ports.memory(),
    };
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
        this.#settings.supervisor,
        { ...this.#ports, orchestrator: this.#orchestrator },
      )
    );
  }
}
