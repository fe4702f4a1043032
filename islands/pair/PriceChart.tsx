/** Bars per exchange: one as candles, the others as lines of their last price. */
import { useEffect, useRef } from "preact/hooks";
import type { BarInterval } from "../../core/app/market.ts";
import type { Bar } from "../../core/domain/bar.ts";
import { price } from "../screener/format.ts";
import { count, venueName } from "../screener/words.ts";
import { type BarsState, INTERVAL_MS } from "./bars.ts";
import { chartTime, type Drawn, useChart } from "./chart.ts";
import type { CandlestickData, IChartApi, ISeriesApi } from "./library.ts";
import { faint, SERIES_COLOURS } from "./palette.ts";
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
  const series = useRef(new Map<string, ISeriesApi<"Candlestick" | "Line">>());
  const { bars } = data;

  useEffect(() => {
    if (drawn !== undefined) draw(drawn, series.current, bars, exchanges, exchange);
  }, [drawn, bars, exchange]);
  // Another interval begins at its right end, at the usual width.
  useEffect(() => drawn?.chart.timeScale().resetTimeScale(), [drawn?.chart, interval, data.loading]);

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

/** Brings the series to what is to be seen. The kind of a series cannot change, so that one is made anew. */
function draw(
  { chart, library, palette }: Drawn,
  series: Map<string, ISeriesApi<"Candlestick" | "Line">>,
  bars: readonly Bar[],
  exchanges: readonly string[],
  exchange: string,
): void {
  const times = [...new Set(bars.map((bar) => bar.timestamp))];
  // Candles come last, to lie on top.
  const order = [...exchanges].sort((a, b) => Number(a === exchange) - Number(b === exchange));
  for (const id of order) {
    const own = new Map(bars.filter((bar) => bar.exchange === id).map((bar) => [bar.timestamp, bar]));
    const colour = palette.series[exchanges.indexOf(id) % SERIES_COLOURS]!;
    const priceFormat = { type: "custom", formatter: price, minMove: minMoveOf(bars) } as const;
    if (id === exchange) {
      const options = {
        upColor: palette.gain,
        downColor: palette.loss,
        wickUpColor: palette.gain,
        wickDownColor: palette.loss,
        borderUpColor: palette.gain,
        borderDownColor: palette.loss,
        priceFormat,
        priceLineStyle: library.LineStyle.Dotted,
      };
      const candles = seriesOf(chart, series, id, library.CandlestickSeries, "Candlestick");
      candles.applyOptions(options);
      candles.setData(times.map((time) => candleOf(time, own.get(time), palette)));
    } else {
      const line = seriesOf(chart, series, id, library.LineSeries, "Line");
      line.applyOptions({
        color: faint(colour, 0.85),
        lineWidth: 1,
        priceLineVisible: false,
        lastValueVisible: false,
        crosshairMarkerRadius: 3,
        priceFormat,
      });
      line.setData(times.map((time) => {
        const bar = own.get(time);
        return { time: chartTime(time), ...bar && { value: bar.lastPrice } };
      }));
    }
  }
}

function seriesOf<Kind extends "Candlestick" | "Line">(
  chart: IChartApi,
  series: Map<string, ISeriesApi<"Candlestick" | "Line">>,
  id: string,
  definition: Parameters<IChartApi["addSeries"]>[0],
  kind: Kind,
): ISeriesApi<Kind> {
  let one = series.get(id);
  if (one !== undefined && one.seriesType() !== kind) {
    chart.removeSeries(one);
    one = undefined;
  }
  one ??= chart.addSeries(definition) as ISeriesApi<Kind>;
  series.set(id, one);
  return one as ISeriesApi<Kind>;
}

function candleOf(time: number, bar: Bar | undefined, palette: Drawn["palette"]): CandlestickData {
  const at = { time: chartTime(time) };
  if (bar === undefined) return at as CandlestickData;
  const { firstPrice: open, maxPrice: high, minPrice: low, lastPrice: close } = bar;
  const colour = faint(close >= open ? palette.gain : palette.loss, 0.75);
  return {
    ...at,
    open,
    high,
    low,
    close,
    ...!bar.complete && { color: palette.panel, borderColor: colour, wickColor: colour },
  };
}

/** The step of the scale: as many decimals as the prices are written with. */
function minMoveOf(bars: readonly Bar[]): number {
  const decimals = price(bars.at(-1)?.lastPrice ?? 1).split(".")[1]?.length ?? 0;
  return 10 ** -decimals;
}
