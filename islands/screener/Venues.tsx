/** The strip of venues: what each delivers right now. */
import type { VenueStatus } from "../../core/app/market.ts";
import { frameAge } from "./format.ts";
import { count, venueName, venueState } from "./words.ts";

export function Venues({ venues, failed }: { venues: readonly VenueStatus[]; failed: boolean }) {
  return (
    <section class="venues" aria-label="Venues" data-old={failed}>
      <ul>
        {venues.map((venue) => <Venue key={venue.id} venue={venue} />)}
      </ul>
    </section>
  );
}

function Venue({ venue }: { venue: VenueStatus }) {
  const { words, tone } = venueState(venue.state);
  return (
    <li class="venue-card" data-tone={tone} data-venue={venue.id} title={venue.lastError ?? undefined}>
      <div class="venue-head">
        <span class="venue-name">{venueName(venue.id)}</span>
        {/* What a pool keeps is in its prices, and each pool has its own. */}
        {venue.takerFeeBps > 0 && <span class="venue-fee">{venue.takerFeeBps} bps fee</span>}
        <span class="venue-state">
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            {/* A shape for each tone: colour alone does not tell. */}
            {tone === "good" && <circle cx="5" cy="5" r="4" />}
            {tone === "wait" && <circle cx="5" cy="5" r="3" class="hollow" />}
            {tone === "bad" && <path d="M5 .8 9.4 9H.6z" />}
          </svg>
          {words}
        </span>
      </div>
      <dl>
        <div>
          <dt>Fresh</dt>
          <dd>{venue.freshQuotes}/{Math.max(venue.instruments, venue.quotes)}</dd>
        </div>
        <div>
          <dt>Last frame</dt>
          <dd>{venue.lastFrameAgeMs === null ? "none yet" : frameAge(venue.lastFrameAgeMs)}</dd>
        </div>
        <div data-trouble={venue.restarts > 0}>
          <dt>Restarts</dt>
          <dd>{venue.restarts}</dd>
        </div>
      </dl>
      {tone === "bad" && venue.lastError && <p class="venue-error">{venue.lastError}</p>}
      <span class="unseen">{count(venue.reconnects, "reconnect")}</span>
    </li>
  );
}
