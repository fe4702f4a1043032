/** Metrics of what is kept: cache, outbox, history. */
import type { Health } from "../../core/app/market.ts";
import { type Family, one, states } from "./family.ts";

function state<Part extends "cache" | "outbox" | "history">(
  part: Part,
  all: readonly Health[Part]["state"][],
): Family {
  return {
    type: "gauge",
    name: `marketflow_${part}_state`,
    help: "1 for the state that it is in, 0 for the others",
    labels: ["state"],
    read: ({ health }) => states("state", all, health[part].state),
  };
}

/** Nothing that waits is nothing that lags. */
function lagSeconds(lagMs: number | null): number {
  return (lagMs ?? 0) / 1000;
}

export const STORAGE: readonly Family[] = [
  state("cache", ["ok", "fallback"]),
  one(
    "gauge",
    "marketflow_cache_pending_quotes",
    "Quotes that are not written yet",
    ({ health }) => health.cache.pending,
  ),
  one(
    "gauge",
    "marketflow_cache_lag_seconds",
    "Age of the oldest of these; 0 where there is none",
    ({ health }) => lagSeconds(health.cache.lagMs),
  ),
  one(
    "counter",
    "marketflow_cache_written_quotes_total",
    "Quotes written",
    ({ health }) => health.cache.written,
  ),
  one(
    "counter",
    "marketflow_cache_conflated_quotes_total",
    "Quotes replaced by a later one before they were written",
    ({ health }) => health.cache.conflated,
  ),
  state("outbox", ["ok", "failing"]),
  one(
    "gauge",
    "marketflow_outbox_records",
    "Records durable here and not yet in the history",
    ({ health }) => health.outbox.records,
  ),
  one(
    "gauge",
    "marketflow_outbox_pending_records",
    "Records handed over and not yet durable",
    ({ health }) => health.outbox.pending,
  ),
  one(
    "gauge",
    "marketflow_outbox_lag_seconds",
    "Age of the oldest record that is not in the history yet; 0 where there is none",
    ({ health }) => lagSeconds(health.outbox.lagMs),
  ),
  one(
    "counter",
    "marketflow_outbox_dropped_records_total",
    "Records lost because a bound was reached",
    ({ health }) => health.outbox.dropped,
  ),
  one(
    "gauge",
    "marketflow_outbox_rejected_records",
    "Records that the history refused, put aside in the outbox, also those of earlier runs",
    ({ health }) => health.outbox.rejected,
  ),
  state("history", ["starting", "ok", "unreachable", "refused"]),
  one(
    "counter",
    "marketflow_history_written_records_total",
    "Minutes and episodes written",
    ({ health }) => health.history.records,
  ),
  one(
    "counter",
    "marketflow_history_written_quotes_total",
    "Raw quotes written",
    ({ health }) => health.history.quotes,
  ),
  one(
    "counter",
    "marketflow_history_dropped_quotes_total",
    "Raw quotes that it could not keep up with",
    ({ health }) => health.history.quotesDropped,
  ),
  one(
    "gauge",
    "marketflow_history_cleaned_timestamp_seconds",
    "When old data was last removed, since the epoch; 0 before the first time",
    ({ health }) => (health.history.cleanedAt ?? 0) / 1000,
  ),
];
