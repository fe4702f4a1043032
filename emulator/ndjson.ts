/** A plain TCP source: one JSON object a line with the middle price, `{"symbol":"BTCUSDT","price":…,"timestamp":…}`. */
import { trimmed } from "./decimal.ts";
import { Endpoint } from "./endpoint.ts";
import { garbageTexts, junk } from "./garbage.ts";
import type { Ladder, SideName } from "./ladder.ts";
import { wallclock } from "./wallclock.ts";

const encoder = new TextEncoder();

export class NdjsonSource extends Endpoint {
  readonly #ladders: readonly Ladder[];

  constructor(id: string, seed: number, ladders: readonly Ladder[]) {
    super(id, seed);
    this.#ladders = ladders;
  }

  override changed(index: number, now: number): void {
    if (this.clients.size === 0) return;
    const bytes = encoder.encode(line(this.#ladders[index]!, now));
    for (const client of this.clients) this.send(client, bytes, now);
  }

  override garbage(): Uint8Array[] {
    const texts = garbageTexts(line(this.#ladders[0]!, wallclock()));
    return [junk(this.seed), ...texts.map((text) => encoder.encode(text))].map(withNewline);
  }

  override empty(_indices: readonly number[], _side: SideName | null): void {}

  override emptied(): Record<string, SideName> {
    return {};
  }

  /** A newcomer gets every price at once, then the changes; what it says is not listened to. */
  protected override async serve(conn: Deno.TcpConn): Promise<void> {
    conn.setNoDelay(true);
    const client = this.newClient(conn);
    this.clients.add(client);
    const now = wallclock();
    for (const ladder of this.#ladders) this.send(client, encoder.encode(line(ladder, now)), now);
    const ignored = new Uint8Array(1024);
    try {
      while (await conn.read(ignored) !== null);
    } finally {
      this.clients.delete(client);
    }
  }
}

function line(ladder: Ladder, now: number): string {
  const { priceDecimals, symbol } = ladder.listing;
  // Half a tick needs one more decimal.
  const price = trimmed((ladder.bidTicks + ladder.askTicks) * 5, priceDecimals + 1);
  return `{"symbol":"${symbol.replace("-", "")}","price":${price},"timestamp":${Math.floor(now)}}\n`;
}

function withNewline(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = 10;
  return longer;
}
