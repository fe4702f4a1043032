/**
 * Keeps one worker running: starts it, watches its heartbeat, and starts it again with backoff when it throws, ends or
 * stops answering. The moment it is not to be trusted any more its quotes leave the table.
 *
 * A worker that stops answering is asked to end first. `terminate()` does not stop a loop that never yields, and
 * nothing tells whether it did; so a worker that does not end by itself in time is reported as unstoppable, and the
 * process has to end for its own supervisor.
 */
import type { CloseReason } from "../domain/opportunity.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log, LogFields } from "../ports/log.ts";
import type { RunningWorker, WorkerHost, WorkerSpec } from "../ports/workers.ts";
import { Backoff } from "./backoff.ts";
import { newChannel } from "./channel.ts";
import { type LadderMemory, LadderReader, newLadders } from "./ladders.ts";
import { countersOf, sumOf, type VenueCounters } from "./meters.ts";
import type { Attachment, Orchestrator } from "./orchestrator.ts";
import { newSlots, type SlotMemory, SlotReader } from "../stats/slots.ts";
import { newTelemetry, type Telemetry, telemetryOn } from "./telemetry.ts";

export interface SupervisorSettings {
  channelCapacity: number;
  /** Length of the slots of price statistics. */
  slotMs: number;
  silentAfterMs: number;
  stopWithinMs: number;
  backoffMs: number;
  maxBackoffMs: number;
}

/** Between two looks at the heartbeat. */
const LOOK_EVERY_MS = 500;
/** A worker may take longer than `silentAfterMs` to load its modules the first time. */
const START_GRACE = 4;
/** A worker that ran this long is healthy: its next failure starts the backoff anew. */
const HEALTHY_AFTER_MS = 60_000;

/**
 * What a supervisor is told of its worker. Channel and telemetry are made anew for each start; the price statistics and
 * the ladders of pools outlive a worker.
 */
export type WorkerPlan = Omit<WorkerSpec, "channel" | "telemetry" | "slots" | "lostAt" | "ladders">;

export interface SupervisorPorts {
  host: WorkerHost;
  clock: Clock;
  log: Log;
  orchestrator: Orchestrator;
  /** Uniform in [0, 1), for the jitter of the backoff. */
  random(): number;
  /** Called when a worker could not be ended. */
  unstoppable(venue: string): void;
}

export type SupervisorState = "idle" | "starting" | "running" | "backoff" | "stopping";

export class Supervisor {
  readonly plan: WorkerPlan;
  /** What prices of this venue did in the last minutes. */
  readonly slots: SlotReader;
  readonly #slotMemory: SlotMemory;
  /** Where the worker is one of pools. The next one goes on where the one before left off. */
  readonly #ladderMemory: LadderMemory | undefined;
  readonly #ladders: LadderReader | undefined;
  restarts = 0;
  lastError: string | null = null;
  #state: SupervisorState = "idle";
  #telemetry: Telemetry = telemetryOn(newTelemetry());
  /** Of its workers before the present one. */
  #before: VenueCounters = countersOf();
  #worker: RunningWorker | undefined;
  #channel: Attachment | undefined;
  readonly #backoff: Backoff;
  #startedAt = 0;
  #cancel = () => {};
  #wanted = false;
  /** Pending while the worker was asked to end; `#ended` resolves it. */
  #ending: Promise<void> | undefined;
  #ended = () => {};
  readonly #settings: SupervisorSettings;
  readonly #ports: SupervisorPorts;
  readonly #log: Log;

  constructor(plan: WorkerPlan, settings: SupervisorSettings, ports: SupervisorPorts) {
    this.plan = plan;
    this.#settings = settings;
    this.#ports = ports;
    this.#backoff = new Backoff(settings.backoffMs, settings.maxBackoffMs, ports.random);
    this.#log = ports.log.with({ venue: plan.venue });
    this.#slotMemory = newSlots({ slotMs: settings.slotMs, ...this.#cells() });
    this.slots = new SlotReader(this.#slotMemory);
    this.#ladderMemory = plan.pools && newLadders(this.#cells());
    this.#ladders = this.#ladderMemory && new LadderReader(this.#ladderMemory);
  }

  get state(): SupervisorState {
    return this.#state;
  }

  get telemetry(): Telemetry {
    return this.#telemetry;
  }

  /** Over all its workers; `telemetry` is of the last one alone. */
  get counters(): VenueCounters {
    return sumOf(this.#before, countersOf(this.#telemetry, this.restarts));
  }

  get channelDepth(): number {
    return this.#channel?.depth ?? 0;
  }

  start(): void {
    this.#wanted = true;
    this.#launch();
  }

  /**
   * Ends the worker and takes its quotes out of the table at once. Resolves when it ended, or when it was given up
   * as unstoppable.
   */
  async stop(reason: CloseReason): Promise<void> {
    this.#wanted = false;
    this.#cancel();
    this.#letGo(reason);
    await this.#end();
    this.#state = "idle";
  }

  #launch(): void {
    const { clock, host, orchestrator } = this.#ports;
    const { firstCell, cells } = this.#cells();
    const capacity = this.#settings.channelCapacity;
    const channel = newChannel({ capacity, wake: orchestrator.wake, firstCell, cells });
    const telemetry = newTelemetry();
    this.#before = sumOf(this.#before, countersOf(this.#telemetry));
    this.#telemetry = telemetryOn(telemetry);
    this.#channel = orchestrator.attach(channel, this.#ladders);
    this.#state = "starting";
    this.#startedAt = clock.now();
    const { lostAt } = this.slots;
    const kept = {
      slots: this.#slotMemory,
      ...(lostAt < Infinity && { lostAt }),
      ...(this.#ladderMemory && { ladders: this.#ladderMemory }),
    };
    const worker = host.start({ ...this.plan, channel, telemetry, ...kept }, {
      ready: () => {
        if (worker !== this.#worker || this.#state !== "starting") return;
        this.#state = "running";
        // It has taken over what the one before left standing.
        this.slots.lostAt = Infinity;
      },
      log: (level, message, fields) => {
        if (level === "warning" || level === "error") this.lastError = withReason(message, fields);
        this.#log[level](message, fields);
      },
      // One that was given up may end after all; it is nobody's worker then.
      ended: (error) => {
        if (worker === this.#worker) this.#onEnded(error);
      },
    });
    this.#worker = worker;
    this.#watch(0, 0);
  }

  /** Looks at the heartbeat. Counts looks, not time, so that a pause of this thread is not taken for the worker's. */
  #watch(seen: number, still: number): void {
    this.#cancel = this.#ports.clock.after(LOOK_EVERY_MS, () => {
      const heartbeat = this.#telemetry.heartbeat;
      const looks = Math.ceil(this.#settings.silentAfterMs / LOOK_EVERY_MS);
      if (heartbeat !== seen) this.#watch(heartbeat, 0);
      else if (still + 1 < (heartbeat === 0 ? looks * START_GRACE : looks)) this.#watch(seen, still + 1);
      else this.#onSilent();
    });
  }

  async #onSilent(): Promise<void> {
    this.lastError = "Worker stopped answering";
    this.#log.error("Worker stopped answering; ending it", { silentAfterMs: this.#settings.silentAfterMs });
    this.#letGo("worker_down");
    await this.#end();
    this.#restart();
  }

  /** Asks the worker to end and waits for it, within a bound. One that was given up is not followed by another. */
  #end(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return Promise.resolve();
    this.#state = "stopping";
    this.#ending ??= new Promise<void>((resolve) => {
      const giveUp = this.#ports.clock.after(this.#settings.stopWithinMs, () => {
        // Nobody's worker from here on: that it was terminated does not say that it ended.
        this.#worker = undefined;
        this.#wanted = false;
        worker.terminate();
        this.#log.error("Worker cannot be ended", { stopWithinMs: this.#settings.stopWithinMs });
        this.#ports.unstoppable(this.plan.venue);
        this.#ended();
      });
      this.#ended = () => {
        giveUp();
        this.#worker = undefined;
        this.#ending = undefined;
        resolve();
      };
      worker.stop();
    });
    return this.#ending;
  }

  #onEnded(error: string | undefined): void {
    if (this.#ending !== undefined) return this.#ended();
    this.#cancel();
    this.#worker = undefined;
    this.lastError = error ?? "Worker ended by itself";
    this.#log.error("Worker ended", { error: this.lastError });
    this.#letGo("worker_down");
    this.#restart();
  }

  #restart(): void {
    if (!this.#wanted) return;
    const { clock } = this.#ports;
    if (clock.now() - this.#startedAt > HEALTHY_AFTER_MS) this.#backoff.reset();
    const delayMs = this.#backoff.next();
    this.restarts++;
    this.#state = "backoff";
    this.#log.warning("Worker restarts", { delayMs, restarts: this.restarts });
    this.#cancel = clock.after(delayMs, () => this.#launch());
  }

  /** Nothing of the worker counts from here on. */
  #letGo(reason: CloseReason): void {
    this.#channel?.detach();
    this.#channel = undefined;
    this.slots.lostAt = Math.min(this.slots.lostAt, this.#ports.clock.now());
    const { firstCell, cells } = this.#cells();
    this.#ports.orchestrator.withdraw(firstCell, cells, reason);
  }

  #cells(): { firstCell: number; cells: number } {
    const first = this.plan.exchanges.map((exchange) => exchange.firstCell);
    return { firstCell: Math.min(...first), cells: first.length * this.plan.symbols.length };
  }
}

/** `Cannot connect: Connection refused`: what a log line says with its reason, where it has one. */
function withReason(message: string, fields: LogFields): string {
  const reason = fields.reason ?? fields.problem ?? fields.error;
  return reason === undefined ? message : `${message}: ${reason}`;
}
