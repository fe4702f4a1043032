/** The page in one sentence. */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { Mode } from "../../core/domain/mode.ts";
import { bps } from "./format.ts";
import { venueName } from "./words.ts";

interface HeadlineProps {
  open: number;
  best: Opportunity | undefined;
  mode: Mode;
  /** False while no venue has a fresh quote: then nothing can be said about spreads. */
  known: boolean;
}

export function Headline({ open, best, mode, known }: HeadlineProps) {
  return (
    <div class="headline">
      <h1>
        {open > 0
          ? (
            <>
              <span class="headline-count">{open.toLocaleString("en-US")}</span>{" "}
              {open === 1 ? "spread pays" : "spreads pay"} after costs
            </>
          )
          : known
          ? "No spread pays after costs"
          : "Waiting for quotes"}
      </h1>
      <p class="headline-best">
        {best === undefined ? "Quotes are compared on every change." : (
          <>
            Best now: <strong>{bps(best.netBps)} bps</strong> on {best.symbol}, buy at{" "}
            {venueName(best.buyExchange)}, sell at {venueName(best.sellExchange)}
          </>
        )}
        {mode === "test" && <span class="made-up">Test mode: venues and prices are made up</span>}
      </p>
    </div>
  );
}
