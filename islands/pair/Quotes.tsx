/** What every venue quotes now. The best bid and the best ask are those to sell and to buy at. */
import type { PoolInfo } from "../../core/domain/pool.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { Changing } from "../screener/Cells.tsx";
import { age, decimal, frameAge, price, size } from "../screener/format.ts";
import { venueName } from "../screener/words.ts";

interface QuotesProps {
  quotes: readonly Quote[];
  exchanges: readonly string[];
  base: string;
  /** The program's clock, ms. */
  now: number;
  /** The figures are not of this moment. */
  old: boolean;
}

export function Quotes({ quotes, exchanges, base, now, old }: QuotesProps) {
  const fresh = quotes.filter((quote) => quote.fresh);
  const bestBid = Math.max(...fresh.map((quote) => quote.bid ?? -Infinity));
  const bestAsk = Math.min(...fresh.map((quote) => quote.ask ?? Infinity));
  return (
    <div class="table-frame" data-old={old}>
      <table class="quotes">
        <caption class="unseen">Best bid and ask of every venue</caption>
        <thead>
          <tr>
            <th scope="col">Venue</th>
            <th scope="col" class="number col-side">Bid size</th>
            <th scope="col" class="number col-price">Bid</th>
            <th scope="col" class="number col-price">Ask</th>
            <th scope="col" class="number col-side">Ask size</th>
            <th scope="col" class="number col-spread">
              Spread <span class="unit">bps</span>
            </th>
            <th scope="col" class="number col-side col-age">Age</th>
          </tr>
        </thead>
        <tbody>
          {exchanges.map((exchange) => {
            const quote = quotes.find((one) => one.exchange === exchange);
            return quote === undefined ? <NoQuote key={exchange} exchange={exchange} /> : (
              <QuoteRow
                key={exchange}
                quote={quote}
                base={base}
                now={now}
                bestBid={quote.fresh && quote.bid === bestBid}
                bestAsk={quote.fresh && quote.ask === bestAsk}
              />
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** As many cells as the others: which of them a phone leaves out is settled by their classes. */
function NoQuote({ exchange }: { exchange: string }) {
  return (
    <tr class="stale">
      <th scope="row">
        {venueName(exchange)}
        <span class="age-below">No quote</span>
      </th>
      <td class="number col-side">–</td>
      <td class="number">–</td>
      <td class="number">–</td>
      <td class="number col-side">–</td>
      <td class="number">–</td>
      <td class="number age col-side">No quote</td>
    </tr>
  );
}

interface RowProps {
  quote: Quote;
  base: string;
  now: number;
  bestBid: boolean;
  bestAsk: boolean;
}

function QuoteRow({ quote, base, now, bestBid, bestAsk }: RowProps) {
  // Without a book a source states nothing but a price.
  const { exchange, bid, bidSize, ask, askSize, price: only, fresh, receivedTime, pool } = quote;
  const spread = bid === null || ask === null ? undefined : (ask - bid) / ((ask + bid) / 2) * 10_000;
  const shownAge = (fresh ? "" : "Stale, ") + frameAge(Math.max(0, now - receivedTime));
  return (
    <tr class={`${fresh ? "" : "stale"} ${pool ? "of-pool" : ""}`} data-exchange={exchange}>
      {/* The short form is what the other cells of the row are read out with. */}
      <th scope="row" abbr={venueName(exchange)}>
        <span class="freshness" data-tone={fresh ? "good" : "bad"}>
          <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
            {fresh ? <circle cx="5" cy="5" r="4" /> : <path d="M5 .8 9.4 9H.6z" />}
          </svg>
          {venueName(exchange)}
          <span class="unseen">, {fresh ? "fresh" : "stale"}</span>
        </span>
        <span class="age-below">{shownAge}</span>
        {pool && <Pool pool={pool} now={now} />}
      </th>
      <Size value={bidSize} base={base} />
      {bid === null && ask === null && only !== null
        ? (
          <td class="number">
            <span class="price-mark">price</span>
            <span class="price">{price(only)}</span>
          </td>
        )
        : <Price value={bid} size={bidSize} best={bestBid ? "bid" : undefined} />}
      <Price value={ask} size={askSize} best={bestAsk ? "ask" : undefined} />
      <Size value={askSize} base={base} />
      <td class="number col-spread">{spread === undefined ? "–" : decimal(spread, 1)}</td>
      <td class="number age col-side">{shownAge}</td>
    </tr>
  );
}

/** Which pool quotes: its address in short, what it keeps, and after which block it stood so. */
function Pool({ pool, now }: { pool: PoolInfo; now: number }) {
  const { address, feePpm, blockNumber, blockTime } = pool;
  return (
    <span class="pool">
      <span title={address}>
        {address.slice(0, 6)}…{address.slice(-4)}
      </span>
      {` · ${feePpm / 10_000} % · block ${decimal(blockNumber, 0)} · ${age(now - blockTime)} old`}
    </span>
  );
}

function Price(
  { value, size: amount, best }: {
    value: number | null;
    size: number | null;
    best: "bid" | "ask" | undefined;
  },
) {
  if (value === null) return <td class="number">–</td>;
  return (
    <td class={`number ${best ? `best best-${best}` : ""}`}>
      {best && <span class="best-mark">best</span>}
      <span class="price">
        <Changing value={value} text={price(value)} />
      </span>
      {amount !== null && <span class="size-below">{size(amount)}</span>}
    </td>
  );
}

function Size({ value, base }: { value: number | null; base: string }) {
  return (
    <td class="number col-side">
      {value === null ? "–" : (
        <>
          {size(value)}
          <span class="unit">{base}</span>
        </>
      )}
    </td>
  );
}
