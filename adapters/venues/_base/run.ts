/** Runs the feed that a specification asks for, until it is stopped. All that a worker does, without the worker. */
import { ChannelWriter } from "../../../core/app/channel.ts";
import { telemetryOn } from "../../../core/app/telemetry.ts";
import type { Log } from "../../../core/ports/log.ts";
import { SlotWriter } from "../../../core/stats/slots.ts";
import type { WorkerSpec } from "../../../core/ports/workers.ts";
import { wallTime } from "../../clock/wall.ts";
import { NdjsonFeed } from "../ndjson/feed.ts";
import { venues } from "../registry.ts";
import { SyntheticFeed } from "../synthetic/feed.ts";
import { PoolsFeed } from "../uniswap/feed.ts";
import { Arrivals, type Feed, type FeedContext } from "./feed.ts";
import { Quotes } from "./quotes.ts";
import { SocketFeed } from "./socket_feed.ts";
import { DEFAULT_TUNING, type FeedTuning } from "./tuning.ts";
import type { Venue } from "./venue.ts";

export interface RunOptions {
  log: Log;
  tuning?: FeedTuning;
  /** Venues with a socket by id. */
  venues?: Readonly<Record<string, Venue>>;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Uniform in [0, 1). */
  random?: () => number;
  /** Called every few frames, also where a flood of them lets no timer or message through. */
  pulse?: () => void;
}

/** All waits of a feed hang on the clock. One that is set back further than this would make them as much longer. */
const MOST_BACK_MS = 1_000;

/**
 * Returns the way to stop; after it nothing is written and no socket or timer is left. Throws out of its timer where
 * the clock is set back: that ends the worker, and the next one begins with the time as it is now.
 */
export function runFeed(spec: WorkerSpec, options: RunOptions): () => void {
  const { log, tuning = DEFAULT_TUNING, now = wallTime, random = Math.random, pulse = () => {} } = options;
  const writer = new ChannelWriter(spec.channel);
  const telemetry = telemetryOn(spec.telemetry);
  const slots = new SlotWriter(spec.slots);
  if (spec.lostAt !== undefined) slots.takeOver(spec.lostAt);
  const quotes = new Quotes(writer, slots, spec.channel.firstCell, spec.channel.cells);
  const arrivals = new Arrivals(telemetry, pulse);
  const context = { spec, quotes, telemetry, arrivals, log, tuning, now, random };
  const feed = newFeed(context, options.venues ?? venues);
  telemetry.heartbeat++;
  feed.start();
  let tickedAt = now();
  const timer = setInterval(() => {
    const time = now();
    if (tickedAt - time > MOST_BACK_MS) {
      throw new Error(`The clock was set back by ${Math.round(tickedAt - time)} ms, starting over`);
    }
    tickedAt = time;
    telemetry.heartbeat++;
    telemetry.conflated = writer.conflated;
    feed.tick(time);
  }, tuning.tickMs);
  return () => {
    clearInterval(timer);
    feed.stop();
  };
}

function newFeed(context: FeedContext, sockets: Readonly<Record<string, Venue>>): Feed {
  const { venue, feed } = context.spec;
  switch (feed) {
    case "synthetic":
      return new SyntheticFeed(context);
    case "ndjson":
      return new NdjsonFeed(context);
    case "pools":
      return new PoolsFeed(context);
    case "socket": {
      const known = sockets[venue];
      if (known === undefined) {
        throw new Error(`No venue is called ${venue}, there are ${Object.keys(sockets).join(", ")}`);
      }
      return new SocketFeed(known, context);
    }
  }
}
