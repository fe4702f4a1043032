/**
 * The instrument list of a venue: read over REST and kept on disk; where it cannot be had, the copy from before; where
 * there is none, the venue's documented naming rule.
 */
import { createHash } from "node:crypto";
import type { Instrument } from "../../../core/domain/instrument.ts";
import type { FeedContext } from "./feed.ts";
import { messageOf, readBody, type RestAnswer } from "./rest.ts";
import type { Venue } from "./venue.ts";

/** A list by symbol, and where it is from. Null where only the naming rule is left. */
export interface Listing {
  source: "venue" | "cache" | "rule";
  bySymbol: ReadonlyMap<string, Instrument> | null;
  /** Why it is not from the venue. */
  problem?: string;
  /** The venue asks not to be asked again before, ms. */
  retryAfterMs?: number;
}

interface Options extends Pick<FeedContext, "tuning" | "now"> {
  venue: Venue;
  restUrl: string;
  dataDir: string;
  /** Ends the request. */
  signal: AbortSignal;
}

/** A longer body is no instrument list. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/** Reads the list. Never throws: a list that cannot be had is a `problem`. */
export async function readListing(options: Options): Promise<Listing> {
  const { venue } = options;
  const answer = await ask(options);
  const wait = answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs };
  if (answer.body !== undefined) {
    const fresh = parse(venue, answer.body);
    if (typeof fresh !== "string") {
      const problem = await keep(cacheFile(options), answer.body);
      return { source: "venue", bySymbol: fresh, ...(problem === undefined ? {} : { problem }) };
    }
    answer.problem = fresh;
  }
  const problem = answer.problem ?? "No answer";
  const kept = await Deno.readTextFile(cacheFile(options)).catch(() => undefined);
  const cached = kept === undefined ? undefined : parse(venue, kept);
  if (cached === undefined || typeof cached === "string") {
    return { source: "rule", bySymbol: null, problem, ...wait };
  }
  return { source: "cache", bySymbol: cached, problem, ...wait };
}

/** Where the list of this venue at this address is kept; another address may list other things. */
export function cacheFile(
  { venue, restUrl, dataDir }: Pick<Options, "venue" | "restUrl" | "dataDir">,
): string {
  const hash = createHash("sha256").update(restUrl).digest("hex").slice(0, 12);
  return `${dataDir}/instruments/${venue.id}-${hash}.json`;
}

function ask({ venue, restUrl, tuning, now, signal }: Options): Promise<RestAnswer> {
  return readBody(restUrl, venue.instruments.path, { now, signal, tuning, maxBytes: MAX_BODY_BYTES });
}

/** The list by symbol, or what is wrong with the body. */
function parse(venue: Venue, body: string): Map<string, Instrument> | string {
  try {
    return new Map(venue.instruments.parse(body).map((instrument) => [instrument.symbol, instrument]));
  } catch (error) {
    return messageOf(error);
  }
}

/** Replaces the file as a whole, so that nobody ever reads half of it. Returns what went wrong. */
async function keep(file: string, body: string): Promise<string | undefined> {
  const unfinished = `${file}.${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(unfinished, body);
    await Deno.rename(unfinished, file);
    return undefined;
  } catch (error) {
    await Deno.remove(unfinished).catch(() => {});
    return `The list cannot be kept in ${file}: ${messageOf(error)}`;
  }
}
