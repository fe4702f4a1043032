/** Follows a fixed set of pools: the subscriptions to heads and logs, what they lead to, and how it goes. */
import { Backoff } from "../../../core/app/backoff.ts";
import { FeedState } from "../../../core/app/telemetry.ts";
import type { PoolsSpec } from "../../../core/ports/workers.ts";
import type { FeedContext } from "../_base/feed.ts";
import type { ClosingSockets } from "../_base/socket.ts";
import type { Head } from "./chain.ts";
import { ChainReader } from "./chain_reader.ts";
import type { FoundPool } from "./discovery.ts";
import { Endpoints, restsWithin } from "./endpoints.ts";
import { Follower } from "./follower.ts";
import type { Gas } from "./gas.ts";
import { HeadFeed } from "./head_feed.ts";
import type { HttpRpc } from "./http_rpc.ts";
import type { NewestHead } from "./newest_head.ts";
import { type PoolSink, PoolStates } from "./pool_states.ts";
import { type Protocol, v2, v3 } from "./protocols.ts";

export interface FollowingOptions {
  context: FeedContext;
  spec: PoolsSpec;
  rpc: HttpRpc;
  gas: Gas;
  closing: ClosingSockets;
  newest: NewestHead;
  sink: Pick<PoolSink, "quote" | "withdraw" | "stale">;
  /** Why a block is not quoted although its states are known. */
  withheld(reason: string): void;
  /** Of the connection; a bounded rate is the caller's matter. */
  lost(problem: string): void;
  malformed(frame: string): void;
}

/** Nothing was published for so many blocks: the heads are of no use. */
const UNPUBLISHED_BLOCKS = 10;
/** To dial costs both sides more than to ask. */
const LEAST_DIAL_MS = 2_000;
/**
 * Clocks of machines differ by seconds. A node whose blocks are older than this is behind, whatever our clock
 * says.
 */
const CLOCKS_DIFFER_MS = 60_000;
/** A chain of slow blocks is not silent between two of them. */
const SILENT_BLOCKS = 5;

export class Following {
  readonly #options: FollowingOptions;
  readonly #reader: { on: ChainReader<unknown>["on"]; tick(nowMs: number): void; stop(): void };
  readonly #heads: HeadFeed;
  #state: FeedState = FeedState.connecting;
  /**
   * Since when the node that tells of heads is to blame if nothing is published. It is not while all other
   * nodes rest, nor where its blocks are only somewhat old by our clock.
   */
  #hopefulSinceMs: number;
  /** States were published since they were read. */
  #published = false;

  constructor(pools: readonly FoundPool[], options: FollowingOptions) {
    const { context: { tuning, now, random, telemetry, arrivals }, spec, rpc, gas, closing } = options;
    this.#options = options;
    this.#hopefulSinceMs = now();
    const rests = restsWithin(spec.blockMs, tuning);
    const addresses = pools.map(({ address }) => address);
    const follow = <S>(protocol: Protocol<S>) =>
      new ChainReader(
        new Follower({ blockTimeMs: spec.blockMs, newest: options.newest }),
        rpc,
        new PoolStates(protocol, pools, { rpc, gas, sink: this.#sink() }),
        {
          ...{ addresses, now, backoff: new Backoff(rests.restMs, rests.longestRestMs, random) },
          withheld: (reason, block) => this.#withheld(reason, block),
        },
      );
    const reader = this.#reader = spec.protocol === "v2" ? follow(v2) : follow(v3);
    this.#heads = new HeadFeed({
      head: (head) => {
        void gas.read();
        reader.on({ kind: "head", head, nowMs: now() });
      },
      log: (log) => reader.on({ kind: "log", log }),
      lost: (problem) => {
        telemetry.reconnects++;
        this.#hopefulSinceMs = now();
        reader.on({ kind: "reconnected" });
        this.#state = FeedState.disconnected;
        options.lost(problem);
      },
      malformed: options.malformed,
      frame: (characters) => arrivals.count(characters, now()),
    }, {
      endpoints: new Endpoints(spec.wsUrls, {
        ...restsWithin(Math.max(spec.blockMs, LEAST_DIAL_MS), tuning),
        random,
      }),
      limits: { ...tuning, dataSilenceMs: Math.max(tuning.dataSilenceMs, SILENT_BLOCKS * spec.blockMs) },
      ...{ chainId: spec.chainId, addresses, now, closing },
      ...{ timeoutMs: tuning.connectTimeoutMs, healthyAfterMs: tuning.healthyAfterMs },
    });
  }

  get state(): FeedState {
    return this.#state;
  }

  tick(nowMs: number): void {
    const { context: { tuning }, spec } = this.#options;
    this.#heads.tick(nowMs);
    this.#reader.tick(nowMs);
    const patienceMs = Math.max(tuning.unpublishedMs, UNPUBLISHED_BLOCKS * spec.blockMs);
    this.#hopefulSinceMs = Math.max(this.#hopefulSinceMs, Math.min(nowMs, this.#options.rpc.restingUntilMs));
    if (nowMs - this.#hopefulSinceMs <= patienceMs) return;
    this.#hopefulSinceMs = nowMs;
    this.#heads.leave(`No state of the pools could be published for ${patienceMs} ms`);
  }

  stop(): void {
    this.#heads.stop();
    this.#reader.stop();
  }

  #withheld(reason: string, { timestamp }: Head): void {
    const nowMs = this.#options.context.now();
    if (nowMs - timestamp * 1000 <= CLOCKS_DIFFER_MS) this.#hopefulSinceMs = nowMs;
    this.#options.withheld(reason);
  }

  #sink(): PoolSink {
    const { sink, context: { now, log, telemetry } } = this.#options;
    return {
      quote: (symbolId, quote) => sink.quote(symbolId, quote),
      withdraw: (symbolId) => sink.withdraw(symbolId),
      stale: (reason) => {
        if (this.#state === FeedState.connected) this.#state = FeedState.silent;
        sink.stale(reason);
      },
      published: ({ number }) => {
        this.#hopefulSinceMs = now();
        this.#published = true;
        if (this.#state === FeedState.connected) return;
        this.#state = FeedState.connected;
        log.info("Pools are quoted", { blockNumber: number });
      },
      // States that were published and have to be read anew are what a gap in a book is.
      reading: () => {
        if (this.#published) telemetry.gaps++;
        this.#published = false;
      },
    };
  }
}
