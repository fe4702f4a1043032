/** How the page is connected, what it says where there is nothing to show, and what a screen reader hears. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { VenueStatus } from "../../core/app/market.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { bps } from "./format.ts";
import type { Connection } from "./stream.ts";
import { count, venueName } from "./words.ts";

const CONNECTION: Record<Connection, string> = {
  connecting: "Connecting",
  live: "Streaming",
  reconnecting: "Reconnecting",
  offline: "Offline",
};

export function ConnectionState({ state }: { state: Connection }) {
  return (
    <span class="connection with-script" data-state={state} role="status">
      <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        {state === "live" ? <circle cx="5" cy="5" r="4" /> : <circle cx="5" cy="5" r="3" class="hollow" />}
      </svg>
      {CONNECTION[state]}
    </span>
  );
}

/** Above the table whenever its rows are not the market of this moment. */
export function Banner({ connection, lastEvent }: { connection: Connection; lastEvent: number }) {
  if (connection === "live" || connection === "connecting") return null;
  const since = lastEvent === 0 ? "" : ` since ${new Date(lastEvent).toLocaleTimeString("en-GB")}`;
  return (
    <p class="banner">
      {connection === "offline"
        ? `This device is offline. What you see has not changed${since}.`
        : `The stream is cut and is being opened again. What you see has not changed${since}.`}
    </p>
  );
}

interface EmptyProps {
  connection: Connection;
  filtered: boolean;
  /** Open opportunities behind the filter. */
  open: number;
  minNetBps: number;
  symbols: number;
  venues: readonly VenueStatus[];
  onClear(): void;
}

/** Why there is nothing in the table. */
export function Empty({ connection, filtered, open, minNetBps, symbols, venues, onClear }: EmptyProps) {
  const fresh = venues.filter((venue) => venue.freshQuotes > 0);
  if (filtered && open > 0) {
    return (
      <div class="empty">
        <h2>Nothing fits this filter</h2>
        <p>{open === 1 ? "1 spread is" : `${open} spreads are`} open behind it.</p>
        <a
          class="button"
          href="/"
          onClick={(event) => {
            event.preventDefault();
            onClear();
          }}
        >
          Clear the filter
        </a>
      </div>
    );
  }
  if (connection === "reconnecting" || connection === "offline") {
    return (
      <div class="empty">
        <h2>No connection to the program</h2>
        <p>The table fills again as soon as the stream is back.</p>
      </div>
    );
  }
  if (venues.length > 0 && fresh.length === 0) {
    return (
      <div class="empty">
        <h2>No venue delivers yet</h2>
        <p>
          {venues.filter((venue) => venue.connected).length} of {count(venues.length, "venue")}{" "}
          connected, none has a fresh quote yet.
        </p>
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>No spread pays right now</h2>
      <p>
        Nothing reaches {minNetBps} bps after costs among {count(symbols, "symbol")} on{" "}
        {count(fresh.length, "fresh venue")}.
      </p>
      {fresh.length < 2 && <p>It takes two fresh venues to make a spread.</p>}
    </div>
  );
}

/** Between two summaries for screen readers. */
const SUMMARY_MS = 20_000;

/** Says what changed, seldom: a voice that reads every tick is worse than none. */
export function Announcer({ open, best }: { open: number; best: Opportunity | undefined }) {
  const [summary, setSummary] = useState("");
  const latest = useRef("");
  latest.current = best === undefined
    ? "No spread is open"
    : `${count(open, "spread")} open. Best: ${bps(best.netBps)} basis points, ${best.symbol}, ` +
      `buy at ${venueName(best.buyExchange)}, sell at ${venueName(best.sellExchange)}`;
  useEffect(() => {
    const timer = setInterval(() => setSummary(latest.current), SUMMARY_MS);
    return () => clearInterval(timer);
  }, []);
  return <p class="unseen" aria-live="polite">{summary}</p>;
}
