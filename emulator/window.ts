/** The best levels of one side, best first: prices in ticks, sizes in lots. */
export class Window {
  readonly depth: number;
  readonly ticks: Float64Array;
  readonly lots: Float64Array;
  length = 0;

  constructor(depth: number) {
    this.depth = depth;
    this.ticks = new Float64Array(depth);
    this.lots = new Float64Array(depth);
  }

  push(ticks: number, lots: number): void {
    this.ticks[this.length] = ticks;
    this.lots[this.length++] = lots;
  }
}

/**
 * Writes into `out` what turns window `before` into `after`: new and resized levels with their size, gone levels
 * with size 0, best first. `out` needs room for both windows.
 *
 * `pushedOut`: whether levels that are only pushed over the edge of a full window are named too. Most venues do
 * that; Kraken leaves the cutting to the client.
 */
export function changes(before: Window, after: Window, up: boolean, pushedOut: boolean, out: Window): void {
  out.length = 0;
  const sign = up ? 1 : -1;
  let old = 0;
  let now = 0;
  while (now < after.length) {
    const distance = old < before.length ? sign * (before.ticks[old]! - after.ticks[now]!) : 1;
    if (distance < 0) {
      out.push(before.ticks[old++]!, 0);
      continue;
    }
    if (distance > 0 || before.lots[old] !== after.lots[now]) out.push(after.ticks[now]!, after.lots[now]!);
    if (distance === 0) old++;
    now++;
  }
  const full = after.length === after.depth;
  if (!full || pushedOut) { for (; old < before.length; old++) out.push(before.ticks[old]!, 0); }
}
