/** Which of several forms of an answer a client wants (RFC 9110, section 12.5.1). */

/**
 * The offered type with the highest quality in the `Accept` header, of equal ones the first that is offered. Where the
 * header is absent or allows none of them, the first.
 */
export function preferred<Type extends string>(
  accept: string | undefined,
  offered: readonly [Type, ...Type[]],
): Type {
  const ranges = (accept ?? "*/*").split(",").map(readRange);
  let best = offered[0];
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  return best;
}

interface Range {
  type: string;
  quality: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  const quality = q === undefined ? 1 : /^[01](?:\.\d{0,3})?$/u.test(q) ? Math.min(1, Number(q)) : 0;
  return { type, quality };
}

/** The most specific range counts: `text/csv` before `text/*` before `*` + `/*`. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  for (const range of [type, `${type.split("/")[0]}/*`, "*/*"]) {
    const qualities = ranges.filter((one) => one.type === range).map((one) => one.quality);
    if (qualities.length > 0) return Math.max(...qualities);
  }
  return 0;
}
