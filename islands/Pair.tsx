/** One pair: what each venue quotes, what the prices and the best edge did, and the opportunities it made. */
import { useMemo, useState } from "preact/hooks";
import type { BarInterval } from "../core/app/market.ts";
import type { Mode } from "../core/domain/mode.ts";
import type { Opportunity } from "../core/domain/opportunity.ts";
import type { Quote } from "../core/domain/quote.ts";
import { useBars } from "./pair/bars.ts";
import { Episodes } from "./pair/Episodes.tsx";
import { useEpisodes } from "./pair/episodes.ts";
import { Heading } from "./pair/Heading.tsx";
import { BARS, PriceChart } from "./pair/PriceChart.tsx";
import { useQuotes } from "./pair/quotes.ts";
import { Quotes } from "./pair/Quotes.tsx";
import { onRoutes, Routes } from "./pair/Routes.tsx";
import { bestRoute, type Fees, momentsOfBars, poolsOf } from "./pair/spread.ts";
import { type Span, SPANS, SpreadChart } from "./pair/SpreadChart.tsx";
import { INTERVAL_MS } from "./pair/bars.ts";
import { Brand } from "./screener/Brand.tsx";
import { sides } from "./screener/format.ts";
import { ModeSwitch } from "./screener/ModeSwitch.tsx";
import { Banner, ConnectionState } from "./screener/Status.tsx";
import { type Connection, keepingStream } from "./screener/stream.ts";
import { ThemeToggle } from "./screener/ThemeToggle.tsx";

/** The routes of so many venues fit beside the quotes. */
const SIDE_BY_SIDE = 4;

export interface PairProps {
  symbol: string;
  mode: Mode;
  quotes: Quote[];
  opportunities: Opportunity[];
  exchanges: readonly string[];
  fees: Fees;
  minNetBps: number;
  /** Shown as candles at first, and the length of a bar. */
  exchange: string;
  interval: BarInterval;
  /** The program's clock, ms. */
  now: number;
}

export default function Pair(props: PairProps) {
  const { symbol, mode, exchanges, fees, minNetBps } = props;
  const [base, quote] = sides(symbol);
  const [exchange, setExchange] = useState(props.exchange);
  const [interval, setInterval] = useState(props.interval);
  const [span, setSpan] = useState<Span>("5m");
  const { quotes, moments, failed, answeredAt, now, clock } = useQuotes(props);
  const episodes = useEpisodes(props);
  const bars = useBars(symbol, interval, BARS, clock);
  const past = SPANS[span];
  const pastBars = useBars(symbol, past.interval, past.count, clock);
  const edges = useMemo(
    () =>
      past.interval === undefined ? moments : momentsOfBars(pastBars.bars, INTERVAL_MS[past.interval], fees),
    [past, past.interval === undefined ? moments : pastBars.bars],
  );
  const connection: Connection = !failed
    ? episodes.connection
    : navigator.onLine
    ? "reconnecting"
    : "offline";
  const best = bestRoute(quotes.filter((one) => one.fresh), fees);
  const pools = poolsOf(quotes);
  const lost = connection === "reconnecting" || connection === "offline";

  const show = (next: { exchange?: string; interval?: BarInterval }) => {
    const query = new URLSearchParams({ exchange, interval, ...next });
    history.replaceState(null, "", keepingStream(`${location.pathname}?${query}`));
    if (next.exchange) setExchange(next.exchange);
    if (next.interval) setInterval(next.interval);
  };

  return (
    <>
      <header class="top">
        <Brand />
        <ConnectionState state={connection} />
        <ModeSwitch mode={mode} onSwitched={(status) => status.mode !== mode && location.reload()} />
        <ThemeToggle />
      </header>
      <main id="pair" tabIndex={-1}>
        <Heading
          base={base}
          quote={quote}
          mode={mode}
          best={best}
          minNetBps={minNetBps}
          beforeGas={best !== undefined && (pools.has(best.buyExchange) || pools.has(best.sellExchange))}
        />
        <Banner connection={connection} lastEvent={answeredAt} />
        <div class="pair-now" data-many={onRoutes(quotes, exchanges).length > SIDE_BY_SIDE}>
          <section class="panel" aria-labelledby="quotes-title">
            <div class="panel-head">
              <h2 id="quotes-title">Quotes</h2>
            </div>
            <Quotes quotes={quotes} exchanges={exchanges} base={base} now={now} old={lost} />
          </section>
          <section class="panel" aria-labelledby="routes-title">
            <div class="panel-head">
              <h2 id="routes-title">
                Net edge by route <span class="unit">bps</span>
              </h2>
            </div>
            {/* Many venues are wider than a phone. */}
            <div class="routes-frame" tabIndex={0} role="group" aria-labelledby="routes-title">
              <Routes
                open={episodes.open}
                quotes={quotes}
                exchanges={exchanges}
                fees={fees}
                minNetBps={minNetBps}
              />
            </div>
            {pools.size > 0 && (
              <p class="routes-note">
                Of pools with an impact of 1 bps and before gas; marked where an opportunity is open
              </p>
            )}
          </section>
        </div>
        <SpreadChart
          moments={edges}
          span={span}
          data={past.interval && pastBars}
          minNetBps={minNetBps}
          onSpan={setSpan}
        />
        <PriceChart
          data={bars}
          exchanges={exchanges}
          exchange={exchange}
          interval={interval}
          onExchange={(exchange) => show({ exchange })}
          onInterval={(interval) => show({ interval })}
        />
        <Episodes state={episodes} base={base} quote={quote} now={now} />
      </main>
    </>
  );
}
