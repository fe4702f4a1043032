/**
 * The chart library, in a file of its own: it is imported only when a chart is shown (`import("./library.ts")`), and so
 * becomes a file of its own that no other page loads. It shares nothing with the other islands for the same reason.
 */
export {
  BaselineSeries,
  CandlestickSeries,
  ColorType,
  createChart,
  CrosshairMode,
  LineSeries,
  LineStyle,
} from "lightweight-charts";
export type {
  CandlestickData,
  IChartApi,
  IPriceLine,
  ISeriesApi,
  MouseEventParams,
  UTCTimestamp,
} from "lightweight-charts";
