/** Metrics of the process, of evaluating, and of the streams. */
import type { CloseReason } from "../../core/domain/opportunity.ts";
import { byKey, type Family, one, states } from "./family.ts";

const STATUSES = ["ok", "degraded", "starting", "down"] as const;
const MODES = ["live", "test"] as const;
/** So that every series is there before its first close, and `increase` sees that one too. */
const NEVER_CLOSED: Readonly<Record<CloseReason, number>> = {
  below_threshold: 0,
  leg_stale: 0,
  leg_withdrawn: 0,
  size_unknown: 0,
  gas_unknown: 0,
  worker_down: 0,
  mode_switch: 0,
  shutdown: 0,
};

export const PROGRAM: readonly Family[] = [
  {
    type: "gauge",
    name: "marketflow_build_info",
    help: "1; its labels say what runs",
    labels: ["version", "deno"],
    read: ({ health, runtime }) => [[{ version: health.version, deno: runtime }, 1]],
  },
  {
    type: "gauge",
    name: "marketflow_mode",
    help: "1 for the present mode, 0 for the other",
    labels: ["mode"],
    read: ({ health }) => states("mode", MODES, health.mode),
  },
  {
    type: "gauge",
    name: "marketflow_health_status",
    help: "1 for the status that /health gives, 0 for the others",
    labels: ["status"],
    read: ({ health }) => states("status", STATUSES, health.status),
  },
  one("gauge", "marketflow_problems", "Problems that /health lists", ({ health }) => health.problems.length),
  one(
    "gauge",
    "process_start_time_seconds",
    "When the program started, since the epoch",
    ({ meters }) => meters.startedAt / 1000,
  ),
  one(
    "gauge",
    "process_resident_memory_bytes",
    "Memory of the process",
    ({ health }) => health.memory.rssBytes,
  ),
  one(
    "gauge",
    "marketflow_heap_used_bytes",
    "JavaScript memory of the main thread",
    ({ health }) => health.memory.heapUsedBytes,
  ),
  one(
    "counter",
    "marketflow_event_loop_delay_seconds_total",
    "How late the timer of the main thread was, all times together",
    ({ eventLoop }) => eventLoop.totalMs / 1000,
  ),
  one(
    "counter",
    "marketflow_event_loop_samples_total",
    "Times that was measured",
    ({ eventLoop }) => eventLoop.samples,
  ),
  one(
    "gauge",
    "marketflow_event_loop_delay_max_seconds",
    "How late it was at most in the last minute",
    ({ eventLoop }) => eventLoop.maxMs / 1000,
  ),
  one("counter", "marketflow_ticks_total", "Ticks that the core has read", ({ meters }) => meters.ticks),
  one(
    "counter",
    "marketflow_rows_total",
    "Rows that it has read, each one tick or several",
    ({ meters }) => meters.rows,
  ),
  one(
    "counter",
    "marketflow_evaluation_rounds_total",
    "Readings of all channels that found rows",
    ({ meters }) => meters.rounds,
  ),
  one(
    "counter",
    "marketflow_evaluation_seconds_total",
    "Time spent on them: reading, evaluating, handing events over",
    ({ meters }) => meters.evaluationMs / 1000,
  ),
  one(
    "gauge",
    "marketflow_opportunities_open",
    "Opportunities open now",
    ({ health }) => health.opportunities.open,
  ),
  one(
    "counter",
    "marketflow_opportunities_opened_total",
    "Opportunities opened",
    ({ health }) => health.opportunities.opened,
  ),
  {
    type: "counter",
    name: "marketflow_opportunities_closed_total",
    help: "Opportunities closed, by reason",
    labels: ["reason"],
    read: ({ health }) => byKey("reason", { ...NEVER_CLOSED, ...health.opportunities.closed }),
  },
  {
    type: "counter",
    name: "marketflow_routes_refused_total",
    help: "Evaluations whose prices would have made an opportunity and that a check refused, by reason",
    labels: ["reason"],
    read: ({ health }) => byKey("reason", health.opportunities.refused),
  },
  one("gauge", "marketflow_stream_clients", "Readers of streams", ({ streams }) => streams.clients),
  one(
    "gauge",
    "marketflow_stream_buffered_bytes",
    "What waits for readers that are not ready, for all together",
    ({ streams }) => streams.buffered,
  ),
  one(
    "counter",
    "marketflow_stream_events_total",
    "Events published to streams, each once however many read it",
    ({ streams }) => streams.events,
  ),
  one(
    "counter",
    "marketflow_stream_conflated_total",
    "Updates that a later one replaced before they were published",
    ({ streams }) => streams.conflated,
  ),
  one(
    "counter",
    "marketflow_stream_superseded_total",
    "Events that slow readers were spared, because something newer was there before they took it",
    ({ streams }) => streams.superseded,
  ),
  one(
    "counter",
    "marketflow_stream_cut_total",
    "Readers cut because they stopped reading",
    ({ streams }) => streams.cut,
  ),
  one(
    "counter",
    "marketflow_stream_refused_total",
    "Readers refused because there were too many",
    ({ streams }) => streams.refused,
  ),
];
