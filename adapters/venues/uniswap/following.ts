/** Follows a fixed set of pools: the subscriptions to heads and logs, what they lead to, and how it goes. */
import { Backoff } from "../../../core/app/backoff.ts";
import { FeedState } from "../../../core/app/telemetry.ts";
import type { PoolsSpec } from "../../../core/ports/workers.ts";
import type { FeedContext } from "../_base/feed.ts";
import type { ClosingSockets } from "../_base/socket.ts";
import { ChainReader } from "./chain_reader.ts";
import type { FoundPool } from "./discovery.ts";
import { Endpoints } from "./endpoints.ts";
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
  /** Of the connection; a bounded rate is the caller's matter. */
  lost(problem: string): void;
  malformed(frame: string): void;
}

/** Nothing was published for so many blocks: the node tells of a chain that cannot be read. */
const UNPUBLISHED_BLOCKS = 10;
/** A chain of slow blocks is not silent between two of them. */
const SILENT_BLOCKS = 5;

export class Following {
  readonly #options: FollowingOptions;
  readonly #reader: { on: ChainReader<unknown>["on"]; tick(nowMs: number): void; stop(): void };
  readonly #heads: HeadFeed;
  #state: FeedState = FeedState.connecting;
  /** When there was something to be satisfied with last: a publication, or another node. */
  #hopefulSinceMs: number;
  /** States were published since they were read. */
  #published = false;

  constructor(pools: readonly FoundPool[], options: FollowingOptions) {
    const { context: { tuning, now, random, telemetry, arrivals }, spec, rpc, gas, closing } = options;
    this.#options = options;
    this.#hopefulSinceMs = now();
    const addresses = pools.map(({ address }) => address);
    const follow = <S>(protocol: Protocol<S>) =>
      new ChainReader(
        new Follower({ blockTimeMs: spec.blockMs, newest: options.newest }),
        rpc,
        new PoolStates(protocol, pools, { rpc, gas, sink: this.#sink() }),
        { addresses, now, backoff: new Backoff(tuning.backoffMs, tuning.maxBackoffMs, random) },
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
        restMs: tuning.backoffMs,
        longestRestMs: tuning.maxBackoffMs,
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
    if (nowMs - this.#hopefulSinceMs <= patienceMs) return;
    this.#hopefulSinceMs = nowMs;
    this.#heads.leave(`No state of the pools could be published for ${patienceMs} ms`);
  }

  stop(): void {
    this.#heads.stop();
    this.#reader.stop();
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
