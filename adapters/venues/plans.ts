/** Which workers each mode has, from the settings. */
import type { Mode } from "../../core/domain/mode.ts";
import type { VenuePlan } from "../../core/app/marketflow.ts";
import type { PoolsSpec } from "../../core/ports/workers.ts";
import { isPoolVenue, type PoolVenue } from "../config/pools.ts";
import type { Settings } from "../config/schema.ts";

const SOCKET_VENUES = ["bybit", "okx", "gateio", "kraken"] as const;

/** `enabled` is about real venues: test mode always has the same four synthetic ones. */
export function plansOf(settings: Settings): Record<Mode, VenuePlan[]> {
  const { venues, test, dataDir, chains } = settings;
  const live: VenuePlan[] = SOCKET_VENUES.filter((id) => venues[id].enabled).map((id) => {
    const { wsUrl, restUrl, takerFeeBps } = venues[id];
    return { venue: id, feed: "socket", exchanges: [id], takerFeeBps, wsUrl, restUrl, dataDir };
  });
  if (venues.ndjson.enabled) {
    const { sources, takerFeeBps } = venues.ndjson;
    live.push({ venue: "ndjson", feed: "ndjson", exchanges: Object.keys(sources), takerFeeBps, sources });
  }
  for (const [id, venue] of Object.entries(venues)) {
    if (!isPoolVenue(venue) || !venue.enabled) continue;
    // What a pool keeps is in its prices already.
    live.push({
      venue: id,
      feed: "pools",
      exchanges: [id],
      takerFeeBps: 0,
      pools: poolsOf(venue, chains),
    });
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

function poolsOf(venue: PoolVenue, chains: Settings["chains"]): PoolsSpec {
  const { protocol, chainId, wsUrl, httpUrl, factory, feesPpm, gasUnits, pools } = venue;
  const { nativeAsset, blockMs, tokens } = chains[chainId]!;
  const lower = (address: string) => address.toLowerCase();
  return {
    protocol,
    chainId,
    wsUrls: [wsUrl].flat(),
    httpUrls: [httpUrl].flat(),
    factory: lower(factory),
    feesPpm,
    blockMs,
    gasUnits,
    nativeAsset,
    tokens: Object.fromEntries(Object.entries(tokens).map(([asset, address]) => [asset, lower(address)])),
    addresses: pools.map(lower),
  };
}
