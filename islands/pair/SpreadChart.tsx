/** What the best route of the pair was worth over time, with the route under the pointer. */
import { useEffect, useRef } from "preact/hooks";
import type { BarInterval } from "../../core/app/market.ts";
import { bps, price } from "../screener/format.ts";
import { venueName } from "../screener/words.ts";
import { type BarsState, INTERVAL_MS } from "./bars.ts";
import { useChart } from "./chart.ts";
import { Choice, Panel } from "./Panel.tsx";
import { type Moment, type Route } from "./spread.ts";
import { drawSpread, seesAll, type SpreadLines } from "./spread_lines.ts";
import { clockTime, troubleWords } from "./words.ts";

/** How far back, and the bars to get there; the last minutes are made of quotes. */
export const SPANS = {
  "5m": { text: "5 min", words: "5 minutes", lengthMs: 300_000, interval: undefined, count: 0 },
  "1h": { text: "1 h", words: "hour", lengthMs: 3_600_000, interval: "1m", count: 60 },
  "1d": { text: "1 d", words: "day", lengthMs: 86_400_000, interval: "5m", count: 288 },
  "30d": { text: "30 d", words: "30 days", lengthMs: 30 * 86_400_000, interval: "1h", count: 720 },
} as const satisfies Record<
  string,
  { text: string; words: string; lengthMs: number; interval?: BarInterval | undefined; count: number }
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

export function SpreadChart({ moments, span, data, minNetBps, onSpan }: SpreadChartProps) {
  const { interval } = SPANS[span];
  const stepMs = interval === undefined ? 1000 : INTERVAL_MS[interval];
  const { holder, drawn, failed, hovered } = useChart({ seconds: interval === undefined });
  const lines = useRef<SpreadLines>(undefined);

  useEffect(() => {
    if (drawn === undefined) return;
    // All of it stays in view while it grows, unless the reader has moved or stretched it.
    const whole = seesAll(drawn.chart, lines.current);
    lines.current = drawSpread(drawn, lines.current, moments, minNetBps);
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
      summary={summaryOf(moments, span, minNetBps)}
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
        `before these, the dashed one is the threshold of ${minNetBps} bps. Sizes, gates and the gas of pools are not applied here.`}
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

function summaryOf(moments: readonly Moment[], span: Span, minNetBps: number): string {
  const { words, lengthMs, interval } = SPANS[span];
  const known = moments.filter(({ route }) => route !== undefined);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || !last?.route) return `No route in the last ${words}`;
  const { netBps, buyExchange, sellExchange } = last.route;
  const edges = known.map(({ route }) => route!.netBps);
  const paying = edges.filter((edge) => edge >= minNetBps).length / edges.length;
  // A program that has just begun cannot speak for all of it.
  const since = last.time - first.time < lengthMs * 0.9
    ? `Since ${clockTime(first.time, interval === undefined ? 1000 : INTERVAL_MS[interval])}`
    : `In the last ${words}`;
  return `${bps(netBps)} bps: buy at ${venueName(buyExchange)}, sell at ${
    venueName(sellExchange)
  }. ${since} ` +
    `between ${bps(Math.min(...edges))} and ${bps(Math.max(...edges))} bps, ` +
    `${Math.round(paying * 100)} % of the time at ${minNetBps} bps or more`;
}
