/** What the best route of the pair was worth over time, with the route under the pointer. */
import { useEffect, useRef } from "preact/hooks";
import type { BarInterval } from "../../core/app/market.ts";
import { bps, price } from "../screener/format.ts";
import { venueName } from "../screener/words.ts";
import { type BarsState, INTERVAL_MS } from "./bars.ts";
import { chartTime, type Drawn, useChart } from "./chart.ts";
import type { IChartApi, IPriceLine, ISeriesApi } from "./library.ts";
import { faint } from "./palette.ts";
import { Choice, Panel } from "./Panel.tsx";
import { type Moment, type Route } from "./spread.ts";
import { clockTime, troubleWords } from "./words.ts";

/** How far back, and the bars to get there; the last minutes are made of quotes. */
export const SPANS = {
  "5m": { text: "5 min", words: "5 minutes", interval: undefined, count: 0 },
  "1h": { text: "1 h", words: "hour", interval: "1m", count: 60 },
  "1d": { text: "1 d", words: "day", interval: "5m", count: 288 },
  "30d": { text: "30 d", words: "30 days", interval: "1h", count: 720 },
} as const satisfies Record<
  string,
  { text: string; words: string; interval?: BarInterval | undefined; count: number }
>;
export type Span = keyof typeof SPANS;

interface SpreadChartProps {
  /** In the order of time. */
  moments: readonly Moment[];
  span: Span;
  data: BarsState | undefined;
  minNetBps: number;
  onSpan(span: Span): void;
}

interface Lines {
  net: ISeriesApi<"Baseline">;
  gross: ISeriesApi<"Line">;
  zero: IPriceLine;
  threshold: IPriceLine;
  /** Points drawn. */
  points: number;
}

export function SpreadChart({ moments, span, data, minNetBps, onSpan }: SpreadChartProps) {
  const { interval, words } = SPANS[span];
  const stepMs = interval === undefined ? 1000 : INTERVAL_MS[interval];
  const { holder, drawn, failed, hovered } = useChart({ seconds: interval === undefined });
  const lines = useRef<Lines>(undefined);

  useEffect(() => {
    if (drawn === undefined) return;
    // All of it stays in view while it grows, unless the reader has moved or stretched it.
    const whole = seesAll(drawn.chart, lines.current);
    lines.current = draw(drawn, lines.current, moments, minNetBps);
    if (whole) drawn.chart.timeScale().fitContent();
  }, [drawn, moments]);
  useEffect(() => drawn?.chart.timeScale().fitContent(), [drawn?.chart, span, data?.loading]);

  const last = moments.findLast(({ route }) => route !== undefined);
  const shown = hovered === undefined
    ? last
    : moments.find(({ time }) => time === Math.round(hovered)) ?? last;
  const known = moments.some(({ route }) => route !== undefined);
  return (
    <Panel
      id="spread"
      title="Best net edge"
      controls={
        <Choice
          name="span"
          label="How far back"
          value={span}
          onChoose={onSpan}
          options={(Object.keys(SPANS) as Span[]).map((value) => ({
            value,
            text: SPANS[value].text,
            words: `Last ${SPANS[value].words}`,
          }))}
        />
      }
      summary={summaryOf(moments, words, minNetBps)}
      legend={shown?.route && <Legend time={shown.time} stepMs={stepMs} route={shown.route} />}
      instead={failed
        ? "The chart could not be loaded. Reload the page to try again."
        : known
        ? ""
        : data?.loading
        ? "Loading bars…"
        : data?.trouble
        ? ""
        : "No edge to show yet. It takes two venues with a fresh bid and ask."}
      trouble={troubleWords(data?.trouble ?? "")}
      holder={holder}
      note={`Of all routes of this pair the best at each moment${
        interval === undefined ? "" : `, as the quotes stood at the end of each ${BAR_WORDS[interval]}`
      }: the best bid of one venue against the best ask of another, after the taker fees of both. The thin line is ` +
        `before fees, the dashed one is the threshold of ${minNetBps} bps. Sizes and gates are not applied here.`}
    />
  );
}

const BAR_WORDS: Record<BarInterval, string> = {
  "1m": "minute",
  "5m": "five minutes",
  "1h": "hour",
  "1d": "day",
};

function Legend({ time, stepMs, route }: { time: number; stepMs: number; route: Route }) {
  return (
    <>
      <b>{clockTime(time, stepMs)}</b>
      <b class={route.netBps >= 0 ? "gain" : "below"}>{bps(route.netBps)} bps net</b>
      <span>{bps(route.grossBps)} gross</span>
      <span>
        buy at {venueName(route.buyExchange)} {price(route.buyPrice)}, sell at {venueName(route.sellExchange)}
        {" "}
        {price(route.sellPrice)}
      </span>
    </>
  );
}

function summaryOf(moments: readonly Moment[], words: string, minNetBps: number): string {
  const known = moments.flatMap(({ route }) => route ?? []);
  const last = known.at(-1);
  if (last === undefined) return `No route in the last ${words}`;
  const edges = known.map(({ netBps }) => netBps);
  const paying = edges.filter((netBps) => netBps >= minNetBps).length / edges.length;
  return `${bps(last.netBps)} bps: buy at ${venueName(last.buyExchange)}, sell at ${
    venueName(last.sellExchange)
  }. ` +
    `In the last ${words} between ${bps(Math.min(...edges))} and ${bps(Math.max(...edges))} bps, ` +
    `${Math.round(paying * 100)} % of the time at ${minNetBps} bps or more`;
}

function seesAll(chart: IChartApi, lines: Lines | undefined): boolean {
  const range = chart.timeScale().getVisibleLogicalRange();
  return !lines || range === null || (range.from <= 1 && range.to >= lines.points - 2);
}

function draw(
  { chart, library, palette }: Drawn,
  before: Lines | undefined,
  moments: readonly Moment[],
  minNetBps: number,
): Lines {
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
