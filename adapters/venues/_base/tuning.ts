/** Every wait, bound and interval of the feeds. Durations in milliseconds. Tests shorten them, nobody else does. */
export interface FeedTuning {
  /** How often a feed looks at what is due: silence, acknowledgements, retries. */
  tickMs: number;
  /** A connection that is not open by then is given up. */
  connectTimeoutMs: number;
  /** A subscription without an answer and without data by then is asked for again. */
  ackTimeoutMs: number;
  /** A refused topic is asked for again after 1/20 of this, then after longer and longer waits, at most this. */
  refusedRetryMs: number;
  /** Nothing arrived for this long: a probe is sent. */
  probeAfterMs: number;
  /** Nothing arrived for this long after the probe: the connection is silent. */
  silentAfterMs: number;
  /** Heartbeats but no data of any topic for this long: silent as well. */
  dataSilenceMs: number;
  /** First and longest wait before a new connection, see `Backoff`. */
  backoffMs: number;
  maxBackoffMs: number;
  /** A connection, or a topic, that was well for this long starts its backoff anew. */
  healthyAfterMs: number;
  /** A venue that tells us to wait longer than this is asked again after it. */
  maxRetryAfterMs: number;
  /** A REST answer is given up by then. */
  restTimeoutMs: number;
  /** The instrument list is read anew this often, give or take a tenth. */
  listRefreshMs: number;
  /** First wait after the list could not be read; it doubles up to `listRefreshMs`. */
  listRetryMs: number;
  /** The base of a book of differences is read at most this often. */
  baseRetryMs: number;
  /** Troubles of one kind are logged at most this often. */
  logEveryMs: number;
  /** A longer frame is malformed. */
  maxFrameCharacters: number;
  /** Subscribe requests are kept below this: larger frames, and bursts of them, can stall in Deno for 44 ms. */
  maxRequestCharacters: number;
  /** Pools: where nothing could be published for this long, and for ten blocks, another node is tried. */
  unpublishedMs: number;
  /** NDJSON: a source that sends nothing for this long is silent; its quotes are stale. */
  lineSilenceMs: number;
  /** NDJSON: after this long it is connected anew. */
  lineReconnectMs: number;
  /** NDJSON: a longer line is malformed. */
  maxLineCharacters: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const DEFAULT_TUNING: Readonly<FeedTuning> = {
  tickMs: 250,
  connectTimeoutMs: 10 * SECOND,
  ackTimeoutMs: 10 * SECOND,
  refusedRetryMs: 10 * MINUTE,
  probeAfterMs: 3 * SECOND,
  silentAfterMs: 3 * SECOND,
  dataSilenceMs: MINUTE,
  backoffMs: 500,
  maxBackoffMs: 30 * SECOND,
  healthyAfterMs: MINUTE,
  maxRetryAfterMs: 5 * MINUTE,
  restTimeoutMs: 5 * SECOND,
  listRefreshMs: 6 * HOUR,
  listRetryMs: MINUTE,
  baseRetryMs: 10 * SECOND,
  logEveryMs: 10 * SECOND,
  maxFrameCharacters: 4 * 2 ** 20,
  maxRequestCharacters: 1_000,
  unpublishedMs: 30 * SECOND,
  lineSilenceMs: 10 * SECOND,
  lineReconnectMs: 30 * SECOND,
  maxLineCharacters: 64 * 1024,
};
