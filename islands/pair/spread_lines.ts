/** The lines of the chart of the best net edge. */
import { bps } from "../screener/format.ts";
import { chartTime, type Drawn } from "./chart.ts";
import type { IChartApi, IPriceLine, ISeriesApi } from "./library.ts";
import { faint } from "./palette.ts";
import type { Moment, Route } from "./spread.ts";

export interface SpreadLines {
  net: ISeriesApi<"Baseline">;
  gross: ISeriesApi<"Line">;
  zero: IPriceLine;
  threshold: IPriceLine;
  /** Points drawn. */
  points: number;
}

/** Nothing of the line is out of view. */
export function seesAll(chart: IChartApi, lines: SpreadLines | undefined): boolean {
  const range = chart.timeScale().getVisibleLogicalRange();
  return !lines || range === null || (range.from <= 1 && range.to >= lines.points - 2);
}

/** Brings the lines to what is to be seen, in the colours of the theme. */
export function drawSpread(
  { chart, library, palette }: Drawn,
  before: SpreadLines | undefined,
  moments: readonly Moment[],
  minNetBps: number,
): SpreadLines {
  const priceFormat = { type: "custom", formatter: bps, minMove: 0.1 } as const;
  const gross = before?.gross ?? chart.addSeries(library.LineSeries);
  const net = before?.net ?? chart.addSeries(library.BaselineSeries);
  gross.applyOptions({
    color: faint(palette.text, 0.7),
    lineWidth: 1,
    priceLineVisible: false,
    lastValueVisible: false,
    crosshairMarkerVisible: false,
    priceFormat,
  });
  net.applyOptions({
    baseValue: { type: "price", price: 0 },
    topLineColor: palette.gain,
    topFillColor1: faint(palette.gain, 0.28),
    topFillColor2: faint(palette.gain, 0.04),
    // Most routes lose most of the time; that is no alarm.
    bottomLineColor: palette.accent,
    bottomFillColor1: faint(palette.accent, 0.02),
    bottomFillColor2: faint(palette.accent, 0.12),
    lineWidth: 2,
    priceLineVisible: false,
    priceFormat,
    // Zero is what the line is read against; it stays in view.
    autoscaleInfoProvider: (
      original: () => { priceRange: { minValue: number; maxValue: number } | null } | null,
    ) => {
      const range = original()?.priceRange;
      if (!range) return null;
      const [minValue, maxValue] = [Math.min(0, range.minValue), Math.max(minNetBps, range.maxValue)];
      return { priceRange: { minValue, maxValue } };
    },
  });
  const zero = { price: 0, color: palette.strong, lineWidth: 1, lineStyle: library.LineStyle.Solid } as const;
  const least = {
    price: minNetBps,
    color: palette.wait,
    lineWidth: 1,
    lineStyle: library.LineStyle.Dashed,
  } as const;
  const threshold = before?.threshold ?? net.createPriceLine({ ...least, title: "pays" });
  threshold.applyOptions(least);
  const base = before?.zero ?? net.createPriceLine({ ...zero, axisLabelVisible: false, title: "" });
  base.applyOptions(zero);
  const points = (of: (route: Route) => number) =>
    moments.map(({ time, route }) => ({ time: chartTime(time), ...route && { value: of(route) } }));
  gross.setData(points((route) => route.grossBps));
  net.setData(points((route) => route.netBps));
  return { net, gross, threshold, zero: base, points: moments.length };
}
