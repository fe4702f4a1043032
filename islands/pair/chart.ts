/** A chart in an element: loaded when it is first needed, in the colours of the theme, as wide as its place. */
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { IChartApi, MouseEventParams, UTCTimestamp } from "./library.ts";
import { onTheme, type Palette, readPalette } from "./palette.ts";

type Library = typeof import("./library.ts");

export interface Drawn {
  chart: IChartApi;
  library: Library;
  palette: Palette;
}

/** A time of the program, ms, for the chart, s. */
export function chartTime(ms: number): UTCTimestamp {
  return ms / 1000 as UTCTimestamp;
}

/**
 * The chart of the element that gets `holder`; undefined until the library is there. With each change of the theme it
 * comes again with new colours. `hovered` is the time under the pointer, in ms.
 */
export function useChart(options: { seconds: boolean }): {
  holder: RefObject<HTMLDivElement | null>;
  drawn: Drawn | undefined;
  failed: boolean;
  hovered: number | undefined;
} {
  const holder = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState<Drawn>();
  const [failed, setFailed] = useState(false);
  const [hovered, setHovered] = useState<number>();

  useEffect(() => {
    let gone = false;
    let chart: IChartApi | undefined;
    let unfollow = () => {};
    import("./library.ts").then((library) => {
      if (gone || holder.current === null) return;
      const palette = readPalette();
      chart = library.createChart(holder.current, baseOptions(library, palette));
      chart.subscribeCrosshairMove(({ time }: MouseEventParams) =>
        setHovered(typeof time === "number" ? time * 1000 : undefined)
      );
      const draw = (palette: Palette) => setDrawn({ chart: chart!, library, palette });
      unfollow = onTheme(() => {
        const palette = readPalette();
        chart!.applyOptions(baseOptions(library, palette));
        draw(palette);
      });
      draw(palette);
    }).catch(() => setFailed(true));
    return () => {
      gone = true;
      unfollow();
      chart?.remove();
    };
  }, []);

  useEffect(() => {
    drawn?.chart.timeScale().applyOptions({
      secondsVisible: options.seconds,
      // Wide enough that only whole minutes are written.
      tickMarkMaxCharacterLength: options.seconds ? 20 : 8,
    });
  }, [drawn, options.seconds]);

  return { holder, drawn, failed, hovered };
}

function baseOptions({ ColorType, CrosshairMode, LineStyle }: Library, palette: Palette) {
  const pointer = {
    color: palette.strong,
    style: LineStyle.Dashed,
    labelBackgroundColor: palette.strong,
  } as const;
  return {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: palette.panel },
      textColor: palette.text,
      fontFamily: palette.font,
      fontSize: 12,
      // It brings an inline style sheet, which the page forbids; the page's foot names TradingView instead.
      attributionLogo: false,
    },
    grid: { vertLines: { visible: false }, horzLines: { color: palette.line } },
    crosshair: { mode: CrosshairMode.Normal, vertLine: pointer, horzLine: pointer },
    rightPriceScale: { borderVisible: false },
    timeScale: {
      borderColor: palette.line,
      timeVisible: true,
      rightOffset: 3,
      barSpacing: 9,
      minBarSpacing: 0.5,
    },
    localization: { locale: "en-US" },
    // The page scrolls over a chart; what moves the chart is dragging, pinching and its axes.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false },
    kineticScroll: { touch: !matchMedia("(prefers-reduced-motion: reduce)").matches, mouse: false },
  };
}
