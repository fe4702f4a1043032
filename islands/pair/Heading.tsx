/** The pair, and in one sentence what its best route is worth now. */
import type { Mode } from "../../core/domain/mode.ts";
import { bps } from "../screener/format.ts";
import { venueName } from "../screener/words.ts";
import type { Route } from "./spread.ts";

interface HeadingProps {
  base: string;
  quote: string;
  mode: Mode;
  best: Route | undefined;
  minNetBps: number;
  /** A leg of it is a pool, whose gas is not in the edge. */
  beforeGas: boolean;
}

export function Heading({ base, quote, mode, best, minNetBps, beforeGas }: HeadingProps) {
  return (
    <div class="headline">
      <p class="back">
        <a href="/">
          <span aria-hidden="true">←</span> All opportunities
        </a>
      </p>
      <h1>
        {base}
        <span class="pair-quote">
          <span class="unseen">-</span>
          {quote}
        </span>
      </h1>
      <p class="headline-best">
        {best === undefined ? "It takes two venues with a fresh bid and ask to make a route." : (
          <>
            Best route now:{" "}
            <strong class={best.netBps >= minNetBps && !beforeGas ? "gain" : ""}>
              {bps(best.netBps)} bps
            </strong>{" "}
            after fees{beforeGas && " and before gas"}, buy at {venueName(best.buyExchange)}, sell at{" "}
            {venueName(best.sellExchange)}
          </>
        )}
        {mode === "test" && <span class="made-up">Test mode: venues and prices are made up</span>}
      </p>
    </div>
  );
}
