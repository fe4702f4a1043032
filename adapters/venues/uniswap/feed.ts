/**
 * A venue of pools on a chain: finds them, follows them, and quotes each symbol by the one that it costs
 * least in. The list of pools is read anew from time to time, since anybody can make one. Where it brings
 * something new, all pools of it are followed anew; what is quoted goes on until the new ones are known.
 */
import { Backoff } from "../../../core/app/backoff.ts";
import { LadderWriter } from "../../../core/app/ladders.ts";
import { FeedState } from "../../../core/app/telemetry.ts";
import { type PoolQuote, topOf } from "../../../core/domain/pool.ts";
import type { PoolsSpec } from "../../../core/ports/workers.ts";
import type { Feed, FeedContext } from "../_base/feed.ts";
import { ClosingSockets } from "../_base/socket.ts";
import { Trouble } from "../_base/trouble.ts";
import { discoverPools, type Discovery, type FoundPool } from "./discovery.ts";
import { Endpoints, restsWithin } from "./endpoints.ts";
import { LATE_BLOCKS } from "./follower.ts";
import { Following } from "./following.ts";
import { Gas } from "./gas.ts";
import { HttpRpc } from "./http_rpc.ts";
import { NewestHead } from "./newest_head.ts";

/** Requests for the same calls at least; each goes to another endpoint where there are several, and to all of them. */
const ATTEMPTS = 4;
/** The price of gas is read again with the next block. */
const GAS_ATTEMPTS = 2;
/** Providers that need no key take no more calls in a request than about this. */
const MAX_BATCH = 100;
const MAX_BYTES = 16 * 2 ** 20;
/** The price of gas is taken as it was for this many blocks, and at least this long. */
const GAS_BLOCKS = 5;
const GAS_VALID_MS = 15_000;
const GAS_EVERY_MS = 1_000;
/** Of a block time, at most: until a node that did not have the newest block is asked for it again. */
const BEHIND_BLOCKS = 0.2;
/** As for instrument lists: not all programs ask at once. */
const REFRESH_JITTER = 0.1;

export class PoolsFeed implements Feed {
  readonly #context: FeedContext;
  readonly #spec: PoolsSpec;
  readonly #firstCell: number;
  readonly #ladders: LadderWriter;
  readonly #ending = new AbortController();
  readonly #closing = new ClosingSockets();
  readonly #rpc: HttpRpc;
  readonly #gas: Gas;
  readonly #troubles: Record<"nodes" | "connections" | "stale" | "malformed", Trouble>;
  readonly #backoff: Backoff;
  #discoverAt = -Infinity;
  readonly #newest: NewestHead;
  /** The one that quotes. */
  #following: Following | undefined;
  /** Takes over with its first quotes. */
  #next: Following | undefined;
  /** What is followed, as one text, to notice that a new list changes nothing. */
  #plan: string | undefined;
  #failed = false;

  constructor(context: FeedContext) {
    const { spec, log, tuning, now, random } = context;
    if (spec.pools === undefined || spec.ladders === undefined) {
      throw new Error(`The specification of ${spec.venue} has no pools or no room for their ladders`);
    }
    this.#context = context;
    this.#spec = spec.pools;
    this.#firstCell = spec.exchanges[0]!.firstCell;
    this.#ladders = new LadderWriter(spec.ladders);
    this.#newest = new NewestHead(LATE_BLOCKS * spec.pools.blockMs);
    this.#backoff = new Backoff(tuning.backoffMs, tuning.listRetryMs, random);
    const trouble = (message: string) => new Trouble(log, message, tuning.logEveryMs);
    this.#troubles = {
      nodes: trouble("A node cannot be asked"),
      connections: trouble("Connection to a node lost"),
      stale: trouble("Pools are not known"),
      malformed: trouble("Frames that cannot be understood"),
    };
    this.#rpc = this.#rpcWith(ATTEMPTS);
    // With endpoints of its own: a node that has no price of gas is good for all else.
    this.#gas = new Gas(this.#rpcWith(GAS_ATTEMPTS), {
      gasUnits: spec.pools.gasUnits,
      now,
      validMs: Math.max(GAS_VALID_MS, GAS_BLOCKS * spec.pools.blockMs),
      everyMs: GAS_EVERY_MS,
    });
  }

  start(): void {
    this.tick(this.#context.now());
  }

  tick(now: number): void {
    if (now >= this.#discoverAt) void this.#discover();
    this.#following?.tick(now);
    this.#next?.tick(now);
    for (const trouble of Object.values(this.#troubles)) trouble.tell(now);
    this.#context.telemetry.feedState = (this.#following ?? this.#next)?.state ?? this.#idleState();
  }

  stop(): void {
    this.#ending.abort();
    this.#discoverAt = Infinity;
    for (const following of [this.#following, this.#next]) following?.stop();
    this.#following = this.#next = undefined;
  }

  /** Without anything to follow: nodes answer, and there is no pool; or they do not; or have not yet. */
  #idleState(): FeedState {
    if (this.#failed) return FeedState.disconnected;
    return this.#plan === undefined ? FeedState.connecting : FeedState.connected;
  }

  #rpcWith(attempts: number): HttpRpc {
    const { tuning, now, random } = this.#context;
    const { blockMs } = this.#spec;
    const rests = { ...restsWithin(blockMs, tuning), random };
    return new HttpRpc({
      endpoints: new Endpoints(this.#spec.httpUrls, rests),
      chainId: this.#spec.chainId,
      failed: (problem) => this.#troubles.nodes.add(problem, "", now()),
      signal: this.#ending.signal,
      timeoutMs: tuning.restTimeoutMs,
      maxRetryAfterMs: tuning.maxRetryAfterMs,
      behindMs: BEHIND_BLOCKS * blockMs,
      attempts: Math.max(attempts, this.#spec.httpUrls.length),
      ...{ now, maxBatch: MAX_BATCH, maxBytes: MAX_BYTES },
    });
  }

  async #discover(): Promise<void> {
    this.#discoverAt = Infinity;
    const { spec, tuning, now, random, log } = this.#context;
    const found = await discoverPools(this.#rpc, this.#spec, spec.symbols);
    if (this.#ending.signal.aborted) return;
    this.#failed = "problem" in found;
    if ("problem" in found) {
      const retryMs = this.#backoff.next();
      this.#discoverAt = now() + retryMs;
      log.warning("Pools cannot be found", { problem: found.problem, retryMs });
      return;
    }
    this.#backoff.reset();
    this.#discoverAt = now() + tuning.listRefreshMs * (1 + REFRESH_JITTER * (2 * random() - 1));
    this.#follow(found);
  }

  #follow({ pools, refused }: Discovery): void {
    const plan = JSON.stringify(pools);
    if (plan === this.#plan) return;
    const { now, log } = this.#context;
    for (const one of refused) log.warning("A pool is not used", one);
    this.#tell(pools);
    this.#plan = plan;
    this.#next?.stop();
    this.#next = pools.length > 0 ? this.#newFollowing(pools) : undefined;
    this.#next?.tick(now());
    if (this.#next === undefined) this.#takeOver(undefined, []);
  }

  #newFollowing(pools: readonly FoundPool[]): Following {
    const { quotes, now } = this.#context;
    const following: Following = new Following(pools, {
      ...{ context: this.#context, spec: this.#spec, rpc: this.#rpc, gas: this.#gas, closing: this.#closing },
      newest: this.#newest,
      sink: {
        quote: (symbolId, quote) => {
          this.#takeOver(following, pools);
          this.#quote(this.#firstCell + symbolId, quote);
        },
        withdraw: (symbolId) => {
          this.#takeOver(following, pools);
          quotes.withdraw(this.#firstCell + symbolId, now());
        },
        stale: (reason) => {
          if (following === this.#following) this.#stale(reason);
        },
      },
      withheld: (reason) => this.#troubles.stale.add(reason, "", now()),
      lost: (problem) => this.#troubles.connections.add(problem, "", now()),
      malformed: (frame) => this.#malformed("No answer and no notification", frame),
    });
    return following;
  }

  /** From now on these pools quote, and symbols of which none is among them have no quote. */
  #takeOver(following: Following | undefined, pools: readonly FoundPool[]): void {
    if (following === this.#following) return;
    this.#following?.stop();
    this.#following = following;
    this.#next = undefined;
    const { spec, quotes, now } = this.#context;
    const quoted = symbolIdsOf(pools);
    for (let id = 0; id < spec.symbols.length; id++) {
      if (!quoted.has(id)) quotes.withdraw(this.#firstCell + id, now());
    }
  }

  #tell(pools: readonly FoundPool[]): void {
    const { spec, log, telemetry } = this.#context;
    const quoted = symbolIdsOf(pools);
    telemetry.instruments = quoted.size;
    const symbols = spec.symbols.filter((_, id) => quoted.has(id));
    if (pools.length > 0) log.info("Pools are found", { pools: pools.length, symbols });
    else log.warning("There is no pool for any symbol", { chainId: this.#spec.chainId });
  }

  /** The ladders first: whoever is woken by the row finds them as new as it is. */
  #quote(cell: number, quote: PoolQuote): void {
    const { quotes, now } = this.#context;
    this.#ladders.publish(cell, quote);
    // The block is another one, and so may be all steps behind the first.
    if (!quotes.top(cell, { ...topOf(quote), exchangeTime: quote.blockTime }, now(), true)) {
      this.#malformed("The numbers of a pool make no quote", quote.address);
    }
  }

  #stale(reason: string): void {
    const { spec, quotes, now } = this.#context;
    for (let id = 0; id < spec.symbols.length; id++) quotes.stale(this.#firstCell + id, now());
    this.#troubles.stale.add(reason, "", now());
  }

  #malformed(reason: string, excerpt: string): void {
    this.#context.telemetry.malformed++;
    this.#troubles.malformed.add(reason, excerpt, this.#context.now());
  }
}

function symbolIdsOf(pools: readonly FoundPool[]): Set<number> {
  return new Set(pools.flatMap(({ markets }) => markets.map(({ symbolId }) => symbolId)));
}
