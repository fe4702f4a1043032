/**
 * The colours of the style sheet for a canvas, which knows no `var()`: each is put on an element and read back as the
 * browser computed it, in the theme of the moment.
 */
const NAMES = {
  text: "--soft",
  line: "--line",
  strong: "--line-strong",
  panel: "--panel",
  raised: "--raised",
  gain: "--gain",
  loss: "--loss",
  wait: "--wait",
  accent: "--accent",
} as const;

/** As many as static/pair.css has. */
export const SERIES_COLOURS = 8;

export type Palette = Record<keyof typeof NAMES, string> & { series: readonly string[]; font: string };

export function readPalette(): Palette {
  const probe = document.body.appendChild(document.createElement("span"));
  probe.hidden = true;
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const named = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, read(name)]));
  const series = Array.from({ length: SERIES_COLOURS }, (_, at) => read(`--series-${at}`));
  probe.remove();
  const font = getComputedStyle(document.body).fontFamily;
  return { ...named as Record<keyof typeof NAMES, string>, series, font };
}

/** `rgb(1, 2, 3)` with an alpha. */
export function faint(colour: string, alpha: number): string {
  return colour.replace(/^rgb\((.*)\)$/u, (_, parts) => `rgba(${parts}, ${alpha})`);
}

/** Calls `act` when the reader or the system changes the theme. Returns the way to stop. */
export function onTheme(act: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(act);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  system.addEventListener("change", act);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", act);
  };
}
