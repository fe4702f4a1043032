/** Which workers each mode has, from the settings. */
import type { Mode } from "../../core/domain/mode.ts";
import type { VenuePlan } from "../../core/app/marketflow.ts";
import type { Settings } from "../config/schema.ts";

const SOCKET_VENUES = ["bybit", "okx", "gateio", "kraken"] as const;

/** `enabled` is about real venues: test mode always has the same four synthetic ones. */
export function plansOf(settings: Settings): Record<Mode, VenuePlan[]> {
  const { venues, test, dataDir } = settings;
  const live: VenuePlan[] = SOCKET_VENUES.filter((id) => venues[id].enabled).map((id) => {
    const { wsUrl, restUrl, takerFeeBps } = venues[id];
    return { venue: id, feed: "socket", exchanges: [id], takerFeeBps, wsUrl, restUrl, dataDir };
  });
  if (venues.ndjson.enabled) {
    const { sources, takerFeeBps } = venues.ndjson;
    live.push({ venue: "ndjson", feed: "ndjson", exchanges: Object.keys(sources), takerFeeBps, sources });
  }
  const synthetic = SOCKET_VENUES.map((id): VenuePlan => ({
    venue: id,
    feed: "synthetic",
    exchanges: [id],
    takerFeeBps: venues[id].takerFeeBps,
    test: { ...test, startTime: 0 },
  }));
  return { live, test: synthetic };
}
