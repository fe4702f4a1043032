/** The opportunities of the pair: those that are open now, then the last ones that ended and why. */
import type { ComponentChildren } from "preact";
import { age, amount, bps, decimal, size } from "../screener/format.ts";
import { reasonWords, venueName } from "../screener/words.ts";
import type { EpisodesState } from "./episodes.ts";
import { endTime, troubleWords } from "./words.ts";

interface EpisodesProps {
  state: EpisodesState;
  base: string;
  quote: string;
  /** The program's clock, ms. */
  now: number;
}

export function Episodes({ state, base, quote, now }: EpisodesProps) {
  const { open, finished, loading, trouble } = state;
  // One that is open is not finished, whatever the history was quicker to say.
  const nothing = open.length === 0 && finished.length === 0;
  return (
    <section class="panel" aria-labelledby="episodes-title" id="episodes">
      <div class="panel-head">
        <h2 id="episodes-title">Opportunities</h2>
      </div>
      {trouble && <p class="banner" role="status">{troubleWords(trouble)}</p>}
      {nothing
        ? (
          <p class="none">
            {loading ? "Loading…" : trouble ? "None is open now." : "None of this pair so far."}
          </p>
        )
        : (
          <table class="episodes">
            <caption class="unseen">Open opportunities, then the last finished ones</caption>
            <thead>
              <tr>
                <th scope="col">Ended</th>
                <th scope="col">Buy at → sell at</th>
                <th scope="col" class="number">
                  Net <span class="unit">best, bps</span>
                </th>
                <th scope="col" class="number col-wide">Gross</th>
                <th scope="col" class="number col-wide">Size</th>
                <th scope="col" class="number col-middle">Profit</th>
                <th scope="col" class="number">Open for</th>
              </tr>
            </thead>
            <tbody>
              {open.map((one) => (
                <Row
                  key={one.id}
                  {...one}
                  figures={one}
                  base={base}
                  quote={quote}
                  lastedMs={now - one.openedAt}
                  open
                >
                  <strong class="gain">Open</strong>
                </Row>
              ))}
              {finished.map((one) => (
                <Row
                  key={one.id}
                  {...one}
                  figures={one.peak}
                  base={base}
                  quote={quote}
                  lastedMs={one.end.time - one.start.time}
                >
                  <time dateTime={new Date(one.end.time).toISOString()}>{endTime(one.end.time, now)}</time>
                  <span class="why">{reasonWords(one.reason)}</span>
                </Row>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}

interface RowProps {
  buyExchange: string;
  sellExchange: string;
  figures: { netBps: number; grossBps: number; sizeBase: number; profitQuote: number };
  base: string;
  quote: string;
  lastedMs: number;
  open?: boolean;
  /** The first cell. */
  children: ComponentChildren;
}

function Row({ buyExchange, sellExchange, figures, base, quote, lastedMs, open, children }: RowProps) {
  return (
    <tr class={open ? "open" : ""}>
      <td>{children}</td>
      <th scope="row">
        {venueName(buyExchange)} <span class="to">→</span> {venueName(sellExchange)}
      </th>
      <td class="number">
        <strong>{bps(figures.netBps)}</strong>
      </td>
      <td class="number col-wide">{bps(figures.grossBps)}</td>
      <td class="number col-wide">
        {size(figures.sizeBase)}
        <span class="unit">{base}</span>
      </td>
      <td class="number col-middle">
        {amount(figures.profitQuote)}
        <span class="unit">{quote}</span>
      </td>
      <td class="number">
        {lastedMs < 10_000 ? `${decimal(Math.max(0, lastedMs) / 1000, 1)} s` : age(lastedMs)}
      </td>
    </tr>
  );
}
