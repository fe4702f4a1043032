/** Bars per exchange: one as candles, the others as lines of their last price. */
import { useEffect, useRef } from "preact/hooks";
import type { BarInterval } from "../../core/app/market.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { price } from "../screener/format.ts";
import { count, venueName } from "../screener/words.ts";
import { type BarsState, INTERVAL_MS } from "./bars.ts";
import { drawPrices, type PriceSeries, showRecent } from "./candles.ts";
import { useChart } from "./chart.ts";
import { SERIES_COLOURS } from "./palette.ts";
import { Choice, Panel, Swatch } from "./Panel.tsx";
import { clockTime, troubleWords } from "./words.ts";

export const BARS = 240;
const INTERVALS: readonly BarInterval[] = ["1m", "5m", "1h", "1d"];
const INTERVAL_WORDS: Record<BarInterval, string> = {
  "1m": "1 minute",
  "5m": "5 minutes",
  "1h": "1 hour",
  "1d": "1 day",
};

interface PriceChartProps {
  data: BarsState;
  exchanges: readonly string[];
  /** Shown as candles. */
  exchange: string;
  interval: BarInterval;
  onExchange(exchange: string): void;
  onInterval(interval: BarInterval): void;
}

export function PriceChart({ data, exchanges, exchange, interval, onExchange, onInterval }: PriceChartProps) {
  const { holder, drawn, failed, hovered } = useChart({ seconds: false });
  const series = useRef<PriceSeries>(new Map());
  const { bars } = data;

  useEffect(() => {
    if (drawn !== undefined) drawPrices(drawn, series.current, bars, exchanges, exchange);
  }, [drawn, bars, exchange]);
  // Another interval begins at its right end.
  useEffect(() => {
    if (drawn !== undefined && !data.loading) showRecent(drawn.chart, bars);
  }, [drawn?.chart, interval, data.loading]);

  const candles = bars.filter((bar) => bar.exchange === exchange);
  const shown = candles.find((bar) => bar.timestamp === hovered) ?? candles.at(-1);
  return (
    <Panel
      id="prices"
      title="Price"
      controls={
        <>
          <Choice
            name="exchange"
            label="Venue shown as candles"
            value={exchange}
            onChoose={onExchange}
            options={exchanges.map((id, at) => ({
              value: id,
              words: venueName(id),
              text: (
                <>
                  <Swatch at={at % SERIES_COLOURS} />
                  {venueName(id)}
                </>
              ),
            }))}
          />
          <Choice
            name="interval"
            label="Length of a bar"
            value={interval}
            onChoose={onInterval}
            options={INTERVALS.map((value) => ({ value, text: value, words: INTERVAL_WORDS[value] }))}
          />
        </>
      }
      summary={summaryOf(data, candles, exchange, interval)}
      legend={shown && <Legend bar={shown} interval={interval} />}
      instead={insteadOf(failed, data, candles, exchange)}
      trouble={troubleWords(data.trouble)}
      holder={holder}
      note={`Candles: ${venueName(exchange)}. Lines: the last price on each other venue. Hollow candles: ` +
        "the interval is still open, or the quote was not fresh throughout. Times in UTC."}
    />
  );
}

function Legend({ bar, interval }: { bar: Bar; interval: BarInterval }) {
  const figures: [string, number][] = [
    ["O", bar.firstPrice],
    ["H", bar.maxPrice],
    ["L", bar.minPrice],
    ["C", bar.lastPrice],
    ["Avg", bar.timeWeightedPrice],
  ];
  return (
    <>
      <b>{clockTime(bar.timestamp, INTERVAL_MS[interval])}</b>
      {figures.map(([name, value]) => (
        <span key={name}>
          <i>{name}</i> {price(value)}
        </span>
      ))}
      <span>{count(bar.samples, "tick")}</span>
      {!bar.complete && <span class="incomplete">not complete</span>}
    </>
  );
}

function summaryOf(
  { loading }: BarsState,
  candles: readonly Bar[],
  exchange: string,
  interval: BarInterval,
): string {
  const last = candles.at(-1);
  if (last === undefined) return loading ? "Bars are being loaded" : `No bars of ${venueName(exchange)}`;
  const low = Math.min(...candles.map((bar) => bar.minPrice));
  const high = Math.max(...candles.map((bar) => bar.maxPrice));
  return `${venueName(exchange)} last ${price(last.lastPrice)}, between ${price(low)} and ${
    price(high)
  } in ` +
    `${count(candles.length, "bar")} of ${INTERVAL_WORDS[interval]}`;
}

function insteadOf(
  failed: boolean,
  { bars, loading, trouble }: BarsState,
  candles: readonly Bar[],
  exchange: string,
): string {
  if (failed) return "The chart could not be loaded. Reload the page to try again.";
  if (loading) return "Loading bars…";
  if (bars.length === 0) return trouble ? "" : "No bars yet. The first one is here within a minute.";
  return candles.length === 0 ? `No bars of ${venueName(exchange)} in this time.` : "";
}
