/** The series of the chart of prices: one exchange as candles, the others as lines. */
import type { Bar } from "../../core/domain/bar.ts";
import { price } from "../screener/format.ts";
import { chartTime, type Drawn } from "./chart.ts";
import type { CandlestickData, IChartApi, ISeriesApi } from "./library.ts";
import { faint, SERIES_COLOURS } from "./palette.ts";

/** By exchange. */
export type PriceSeries = Map<string, ISeriesApi<"Candlestick" | "Line">>;

/** Of a bar, in pixels; the fewer there are, the wider. */
const NARROW = 9;
const WIDE = 22;
/** Bars that could stand at the right end, where the next one comes. */
const ROOM = 4;

/** The latest bars, as many as fit. */
export function showRecent(chart: IChartApi, bars: readonly Bar[]): void {
  const amount = new Set(bars.map((bar) => bar.timestamp)).size;
  const scale = chart.timeScale();
  scale.applyOptions({ barSpacing: Math.min(WIDE, Math.max(NARROW, scale.width() / (amount + ROOM))) });
  scale.scrollToPosition(ROOM - 1, false);
}

/** Brings the series to what is to be seen. The kind of a series cannot change, so that one is made anew. */
export function drawPrices(
  { chart, library, palette }: Drawn,
  series: PriceSeries,
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
  series: PriceSeries,
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
