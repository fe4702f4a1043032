/** What every route of the pair is worth now, net: buy at the row's venue, sell at the column's. */
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { bps } from "../screener/format.ts";
import { venueName } from "../screener/words.ts";
import { bestRoute, type Fees, poolsOf, routeOf } from "./spread.ts";

interface RoutesProps {
  /** Opportunities that are open: of routes with a pool they alone are known to pay. */
  open: readonly Opportunity[];
  quotes: readonly Quote[];
  exchanges: readonly string[];
  fees: Fees;
  minNetBps: number;
}

/** A source without a book is on no route. */
export function onRoutes(quotes: readonly Quote[], exchanges: readonly string[]): string[] {
  const priceOnly = new Set(
    quotes.filter(({ bid, ask }) => bid === null && ask === null).map((one) => one.exchange),
  );
  return exchanges.filter((id) => !priceOnly.has(id));
}

export function Routes({ open, quotes, exchanges: all, fees, minNetBps }: RoutesProps) {
  const exchanges = onRoutes(quotes, all);
  const fresh = new Map(quotes.filter((quote) => quote.fresh).map((quote) => [quote.exchange, quote]));
  const edge = (buy: string, sell: string) => {
    const [from, to] = [fresh.get(buy), fresh.get(sell)];
    return from && to && routeOf(from, to, fees)?.netBps;
  };
  const best = bestRoute([...fresh.values()], fees);
  const pools = poolsOf(quotes);
  const pays = (buy: string, sell: string, netBps: number) =>
    pools.has(buy) || pools.has(sell)
      ? open.some((one) => one.buyExchange === buy && one.sellExchange === sell)
      : netBps >= minNetBps;
  return (
    <table class="routes">
      <caption class="unseen">Net edge of every route in basis points</caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="unseen">Buy at,</span>
            <span aria-hidden="true">Buy ↓ Sell →</span>
          </th>
          {exchanges.map((id) => <th key={id} scope="col" class="number">{venueName(id)}</th>)}
        </tr>
      </thead>
      <tbody>
        {exchanges.map((buy) => (
          <tr key={buy}>
            <th scope="row">{venueName(buy)}</th>
            {exchanges.map((sell) => {
              const netBps = edge(buy, sell);
              if (buy === sell) return <td key={sell} class="number same">·</td>;
              if (netBps === undefined) return <td key={sell} class="number">–</td>;
              const top = best?.buyExchange === buy && best.sellExchange === sell;
              const worth = `${pays(buy, sell, netBps) ? "pays" : ""} ${top ? "best-route" : ""}`;
              return <td key={sell} class={`number ${worth}`}>{bps(netBps)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
