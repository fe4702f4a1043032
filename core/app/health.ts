/** What the program says of itself. Reading it changes nothing. */
import type { ArchiveStatus } from "../ports/archive.ts";
import type { CacheStatus } from "../ports/cache.ts";
import type { QuoteTable } from "../screener/quote_table.ts";
import type { Health, VenueStatus } from "./market.ts";
import type { Supervisor, WorkerPlan } from "./supervisor.ts";
import { FeedState } from "./telemetry.ts";

/** A program that has just started may be without quotes for this long before it counts as down. */
const START_GRACE_MS = 15_000;
/** A chain says something once a block, and a block may be left out. */
const BLOCKS_OF_GRACE = 3;

/** How long it may take until the first venue of these delivers, ms. */
export function startGraceMs(plans: readonly Pick<WorkerPlan, "pools">[]): number {
  const blocks = plans.map(({ pools }) => (pools?.blockMs ?? 0) * BLOCKS_OF_GRACE);
  return Math.max(START_GRACE_MS, ...blocks);
}

export function venueStatus(
  supervisor: Supervisor,
  takerFeeBps: number,
  table: QuoteTable,
  now: number,
): VenueStatus {
  const { plan, telemetry } = supervisor;
  const symbols = plan.symbols.length;
  let quotes = 0;
  let freshQuotes = 0;
  const quietExchanges: string[] = [];
  for (const exchange of plan.exchanges) {
    const count = table.count(exchange.firstCell, symbols);
    quotes += count.quotes;
    freshQuotes += count.freshQuotes;
    if (count.freshQuotes === 0) quietExchanges.push(exchange.id);
  }
  const state = stateOf(supervisor);
  return {
    id: plan.venue,
    exchanges: plan.exchanges.map((exchange) => exchange.id),
    quietExchanges,
    state,
    connected: state === "connected",
    takerFeeBps,
    instruments: telemetry.instruments,
    quotes,
    freshQuotes,
    lastFrameAgeMs: telemetry.lastFrameTime > 0
      ? Math.max(0, Math.round(now - telemetry.lastFrameTime))
      : null,
    frames: telemetry.frames,
    bytes: telemetry.bytes,
    malformed: telemetry.malformed,
    gaps: telemetry.gaps,
    conflated: telemetry.conflated,
    channelDepth: supervisor.channelDepth,
    reconnects: telemetry.reconnects,
    restarts: supervisor.restarts,
    lastError: supervisor.lastError,
  };
}

function stateOf(supervisor: Supervisor): VenueStatus["state"] {
  switch (supervisor.state) {
    case "starting":
    case "idle":
      return "starting";
    case "backoff":
    case "stopping":
      return "restarting";
    case "running":
      switch (supervisor.telemetry.feedState) {
        case FeedState.connected:
          return "connected";
        case FeedState.silent:
          return "silent";
        case FeedState.disconnected:
          return "disconnected";
        default:
          return "connecting";
      }
  }
}

/**
 * The verdict over all venues of the present mode. `sinceMs` is how long this mode has been running. What counts is what the
 * feeds say of themselves, not the age of their last frame: between two blocks a chain is silent and well.
 */
export function verdict(
  venues: readonly VenueStatus[],
  sinceMs: number,
  switching: boolean,
  graceMs = START_GRACE_MS,
): Pick<Health, "status" | "problems"> {
  const problems = venues.flatMap((venue) => {
    if (!venue.connected) return [`Venue ${venue.id} is ${venue.state}`];
    if (venue.freshQuotes === 0) return [`Venue ${venue.id} is connected and has no fresh quote`];
    return venue.quietExchanges.map((id) => `Exchange ${id} of venue ${venue.id} has no fresh quote`);
  });
  const delivering = venues.filter((venue) => venue.freshQuotes > 0).length;
  if (venues.length === 0) return { status: "down", problems: ["No venue is enabled"] };
  if (delivering > 0) return { status: problems.length === 0 ? "ok" : "degraded", problems };
  return { status: switching || sinceMs < graceMs ? "starting" : "down", problems };
}

/** What is wrong with what is kept. None of it keeps the program from its job: prices go on, and wait where they can. */
export function storageProblems(cache: CacheStatus, { outbox, history }: ArchiveStatus): string[] {
  const because = (error: string | null) => error === null ? "" : `: ${error}`;
  const problems: string[] = [];
  if (cache.state === "fallback") problems.push(`Cache is in memory, Redis is gone${because(cache.error)}`);
  if (outbox.state === "failing") problems.push(`Outbox cannot be written${because(outbox.error)}`);
  if (outbox.dropped > 0) problems.push(`Outbox was full, ${outbox.dropped} records are lost`);
  if (history.quotesDropped > 0) {
    problems.push(`History is too slow for raw ticks, ${history.quotesDropped} are lost`);
  }
  if (outbox.rejected > 0) {
    problems.push(`History refused ${outbox.rejected} records; they are in the table rejected of the outbox`);
  }
  if (history.state === "unreachable") problems.push(`History is not reachable${because(history.error)}`);
  if (history.state === "refused") problems.push(`History refuses${because(history.error)}`);
  return problems;
}
