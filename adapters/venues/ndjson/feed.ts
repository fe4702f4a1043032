/** Plain TCP sources of JSON lines, each an exchange of its own. */
import { bestState, type Feed, type FeedContext } from "../_base/feed.ts";
import { Source } from "./source.ts";

export class NdjsonFeed implements Feed {
  readonly #context: FeedContext;
  readonly #sources: readonly Source[];

  constructor(context: FeedContext) {
    const { exchanges, sources } = context.spec;
    this.#context = context;
    this.#sources = exchanges.map((exchange) => {
      const address = sources?.[exchange.id];
      if (address === undefined) throw new Error(`No address for the source ${exchange.id}`);
      return new Source(exchange, address, context);
    });
  }

  start(): void {
    this.tick(this.#context.now());
  }

  tick(now: number): void {
    for (const source of this.#sources) source.tick(now);
    const { telemetry, spec } = this.#context;
    telemetry.feedState = bestState(this.#sources.map(({ state }) => state));
    telemetry.instruments = this.#sources.length * spec.symbols.length;
  }

  stop(): void {
    for (const source of this.#sources) source.stop();
  }
}
