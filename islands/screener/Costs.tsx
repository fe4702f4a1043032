/** What a route costs, told apart: fees, and where a pool is part of it, the impact of the size and gas. */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { amount, bps } from "./format.ts";

type Figures = Pick<Opportunity, "feesQuote" | "impactQuote" | "gasQuote" | "notionalQuote">;

/** In quote currency, and small in basis points of the notional, so that gross less costs is what is left. */
export function Costs({ figures }: { figures: Figures }) {
  const { feesQuote, impactQuote, gasQuote, notionalQuote } = figures;
  // Between two books there are fees alone, and one line says it.
  const ofPool = impactQuote !== 0 || gasQuote !== 0;
  return (
    <dl class="costs">
      <Cost name="Fees" quote={feesQuote} notional={notionalQuote} />
      {ofPool && <Cost name="Impact" quote={impactQuote} notional={notionalQuote} />}
      {ofPool && <Cost name="Gas" quote={gasQuote} notional={notionalQuote} />}
    </dl>
  );
}

function Cost({ name, quote, notional }: { name: string; quote: number; notional: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {amount(quote)} <span class="unit">{bps(quote / notional * 10_000)} bps</span>
      </dd>
    </div>
  );
}
