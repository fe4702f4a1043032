/** The opportunities of the pair: those that are open now, then the last ones that ended and why. */
import type { ComponentChildren } from "preact";
import type { EpisodeMoment } from "../../core/domain/episode.ts";
import { Costs } from "../screener/Costs.tsx";
import { age, amount, bps, decimal, size } from "../screener/format.ts";
import { reasonWords, venueName } from "../screener/words.ts";
import { EPISODES, type EpisodesState } from "./episodes.ts";
import { endTime, troubleWords } from "./words.ts";

interface EpisodesProps {
  state: EpisodesState;
  base: string;
  quote: string;
  /** The program's clock, ms. */
  now: number;
}

export function Episodes({ state, base, quote, now }: EpisodesProps) {
  const { open, ended, finished, loading, trouble } = state;
  const nothing = open.length + ended.length + finished.length === 0;
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
                <th scope="col" class="number col-wide col-costs">Costs</th>
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
              {ended.map((one) => (
                <Row
                  key={one.id}
                  {...one}
                  figures={one}
                  base={base}
                  quote={quote}
                  lastedMs={one.closedAt - one.openedAt}
                >
                  <Ended at={one.closedAt} reason={one.reason} now={now} />
                </Row>
              ))}
              {finished.slice(0, EPISODES - ended.length).map((one) => (
                <Row
                  key={one.id}
                  {...one}
                  figures={one.peak}
                  base={base}
                  quote={quote}
                  lastedMs={one.end.time - one.start.time}
                >
                  <Ended at={one.end.time} reason={one.reason} now={now} />
                </Row>
              ))}
            </tbody>
          </table>
        )}
    </section>
  );
}

function Ended({ at, reason, now }: { at: number; reason: string; now: number }) {
  return (
    <>
      <time dateTime={new Date(at).toISOString()}>{endTime(at, now)}</time>
      <span class="why">{reasonWords(reason)}</span>
    </>
  );
}

interface RowProps {
  buyExchange: string;
  sellExchange: string;
  figures: Omit<EpisodeMoment, "time">;
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
      <td class="col-wide">
        <Costs figures={figures} />
      </td>
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
