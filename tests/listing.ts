/** Compares a venue's instrument parser with the rows that recorded lists must lead to. */
import assert from "node:assert/strict";
import type { Venue } from "../adapters/venues/_base/venue.ts";
import { instrumentLists } from "./fixtures.ts";

/** Every expected row of every list of a folder. Returns how many rows were compared. */
export function assertInstrumentLists(venue: Venue, folder: string): number {
  let compared = 0;
  for (const { name, body, expect } of instrumentLists(folder)) {
    const instruments = venue.instruments.parse(body);
    assert.equal(instruments.length, expect.length, `${name} has as many instruments as expected rows`);
    for (const row of expect) {
      const symbol = `${row.base}-${row.quote}`;
      const number = (text: string | null) => text === null ? null : Number(text);
      assert.deepEqual(instruments.find((found) => found.symbol === symbol), {
        symbol,
        venueSymbol: row.wsV2Symbol ?? row.venueSymbol,
        tickSize: number(row.tickSize),
        lotSize: number(row.sizeStep),
        minSizeBase: number(row.minSize),
        minNotionalQuote: number(row.minNotional),
        tradable: row.active,
      }, `${name}: ${symbol}`);
      compared++;
    }
  }
  return compared;
}

/** Asserts that a body is refused by an error that names the venue and the problem. */
export function assertRefused(venue: Venue, body: string, problem: RegExp): void {
  assert.throws(() => venue.instruments.parse(body), (error) => {
    assert.ok(error instanceof Error);
    assert.match(error.message, new RegExp(`^Instrument list of ${venue.id} cannot be used: `));
    assert.match(error.message, problem);
    return true;
  });
}
