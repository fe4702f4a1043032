/** A row of the table, or the card that it is on a phone. */
import { useMemo } from "preact/hooks";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { Changing, EdgeBar, Trend } from "./Cells.tsx";
import type { Choice } from "./columns.ts";
import { Costs } from "./Costs.tsx";
import { age, amount, bps, price, sides, size } from "./format.ts";
import { reasonOf, type Row } from "./rows.ts";
import { reasonWords, venueName } from "./words.ts";

interface RowProps {
  row: Row;
  columns: readonly Choice[];
  now: number;
  beat: number;
  trend: readonly number[];
}

/** Rendered only when the row was replaced, other columns are asked for, or the beat is due. */
export function TableRow({ row, columns, now, beat, trend }: RowProps) {
  return useMemo(() => <Cells row={row} columns={columns} now={now} trend={trend} />, [row, columns, beat]);
}

function Cells({ row, columns, now, trend }: Omit<RowProps, "beat">) {
  const shows = (key: Choice) => columns.includes(key);
  const one = row.opportunity;
  const [base, quote] = sides(one.symbol);
  const reason = reasonOf(row);
  return (
    <tr
      role="row"
      class={`${row.closed ? "closed" : row.arrived ? "arrived" : ""} ${row.below ? "below" : ""}`.trim()}
      data-route={row.key}
    >
      <th role="rowheader" scope="row" class="col-symbol">
        <a class="pair-link" href={`/pairs/${one.symbol}`}>
          <span class="base">{base}</span>
          <span class="quote">
            <span class="unseen">-</span>
            {quote}
          </span>
        </a>
        {/* Why a row leaves is never left out. */}
        {reason && !shows("age") && <span class="reason">{reasonWords(reason)}</span>}
      </th>
      {shows("buy") && <Leg side="buy" venue={one.buyExchange} price={one.buyPrice} />}
      {shows("sell") && <Leg side="sell" venue={one.sellExchange} price={one.sellPrice} />}
      {shows("net") && (
        <td role="cell" class="col-net number" data-label="Net">
          <strong>
            <Changing value={one.netBps} text={bps(one.netBps)} />
          </strong>
          <span class="unit narrow-only">bps</span>
          <EdgeBar netBps={one.netBps} />
        </td>
      )}
      {shows("trend") && (
        <td role="cell" class="col-trend">
          <Trend points={trend} />
        </td>
      )}
      {shows("gross") && (
        <td role="cell" class="col-gross number" data-label="Gross">
          <Changing value={one.grossBps} text={bps(one.grossBps)} />
          <span class="unit narrow-only">bps</span>
        </td>
      )}
      {shows("costs") && (
        <td role="cell" class="col-costs">
          <Costs figures={one} />
        </td>
      )}
      {shows("profit") && (
        <td role="cell" class="col-profit number" data-label="Profit">
          <Changing value={one.profitQuote} text={amount(one.profitQuote)} />
          <span class="unit">{quote}</span>
        </td>
      )}
      {shows("size") && (
        <td role="cell" class="col-size number" data-label="Size">
          <span class="line">
            <Changing value={one.sizeBase} text={size(one.sizeBase)} />
            <span class="unit">{base}</span>
          </span>
          <span class="line second">
            {amount(one.notionalQuote)}
            <span class="unit">{quote}</span>
          </span>
        </td>
      )}
      {shows("age") && (
        <td
          role="cell"
          class="col-age number"
          data-label={row.closed ? "Closed" : row.below ? "Open" : "Open for"}
        >
          {reason
            ? <span class="reason">{reasonWords(reason)}</span>
            : <time>{age(now - one.openedAt)}</time>}
        </td>
      )}
    </tr>
  );
}

function Leg(
  { side, venue, price: at }: { side: "buy" | "sell"; venue: Opportunity["buyExchange"]; price: number },
) {
  return (
    <td role="cell" class={`col-${side} leg`} data-label={side === "buy" ? "Buy at" : "Sell at"}>
      <span class="leg-line">
        <span class="venue">{venueName(venue)}</span>
        <span class="price">
          <Changing value={at} text={price(at)} />
        </span>
      </span>
    </td>
  );
}
