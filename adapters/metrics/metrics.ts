/**
 * Metrics for Prometheus. Nothing is counted for them: at each scrape they are read from what the program knows anyway,
 * so they cost nothing in between. The library is loaded at the first one.
 */
import type { Counter, Gauge } from "prom-client";
import type { Market } from "../../core/app/market.ts";
import type { StreamHub } from "../../core/app/stream.ts";
import type { Metrics } from "../../core/ports/metrics.ts";
import type { EventLoopMeter } from "./event_loop.ts";
import type { Family, Moment } from "./family.ts";
import { PROGRAM } from "./program.ts";
import { STORAGE } from "./storage.ts";
import { VENUES } from "./venues.ts";

const FAMILIES: readonly Family[] = [...PROGRAM, ...VENUES, ...STORAGE];

interface Sources {
  market: Pick<Market, "health" | "meters">;
  streams: Pick<StreamHub, "stats">;
  eventLoop: Pick<EventLoopMeter, "read">;
}

export function openMetrics(sources: Sources): Metrics {
  let library: Promise<(moment: Moment) => ReturnType<Metrics["scrape"]>> | undefined;
  return {
    async scrape() {
      library ??= load();
      const text = await library;
      return await text(momentOf(sources));
    },
  };
}

function momentOf({ market, streams, eventLoop }: Sources): Moment {
  return {
    health: market.health(),
    meters: market.meters(),
    streams: streams.stats(),
    eventLoop: eventLoop.read(),
    runtime: Deno.version.deno,
  };
}

async function load(): Promise<(moment: Moment) => ReturnType<Metrics["scrape"]>> {
  // Of its own, since the library's default registry belongs to the whole process.
  const { Counter, Gauge, Registry } = (await import("prom-client")).default;
  const registry = new Registry();
  const metrics = FAMILIES.map((family) => {
    const { type, name, help, labels } = family;
    const options = { name, help, labelNames: labels, registers: [registry] };
    return { family, metric: type === "counter" ? new Counter(options) : new Gauge(options) };
  });
  return async (moment) => {
    for (const { family, metric } of metrics) put(metric, family.read(moment));
    return { contentType: registry.contentType, text: await registry.metrics() };
  };
}

/** A series that is not there any more, such as the state of a venue of the other mode, is not shown any more. */
function put(metric: Counter | Gauge, samples: ReturnType<Family["read"]>): void {
  metric.reset();
  for (const [labels, value] of samples) metric.inc(labels, value);
}
