/** Runs recorded frames through a venue's mapper and a sequencer, and compares what comes out with expected rows. */
import assert from "node:assert/strict";
import { type MarketEvent, type Sequenced, Sequencer } from "../adapters/venues/_base/sequencer.ts";
import type { Venue, VenueEvent } from "../adapters/venues/_base/venue.ts";
import { type ExpectedTop, fixtureLines } from "./fixtures.ts";

/** What one frame led to. */
export interface Step {
  events: VenueEvent[];
  /** The market events of the frame and what the sequencer made of them. */
  results: { event: MarketEvent; result: Sequenced }[];
}

export function mapAll(venue: Venue, frame: string): VenueEvent[] {
  const events: VenueEvent[] = [];
  venue.map(frame, (event) => events.push(event));
  return events;
}

export function isMarketEvent(event: VenueEvent): event is MarketEvent {
  return event.kind === "top" || event.kind === "snapshot" || event.kind === "delta";
}

/**
 * All frames of a file in order, on one connection. `before` may hand the sequencer what arrived between the frames
 * by another way; it gets the index of the frame that comes next.
 */
export function replay(
  venue: Venue,
  frames: readonly string[],
  before: (index: number, sequencer: Sequencer) => void = () => {},
): Step[] {
  const sequencer = new Sequencer({ checksum: venue.checksum });
  return frames.map((frame, index) => {
    before(index, sequencer);
    const events = mapAll(venue, frame);
    const results = events.filter(isMarketEvent).map((event) => ({ event, result: sequencer.take(event) }));
    return { events, results };
  });
}

/** Replays every file of a folder that expected rows refer to, and hands each row over with the step it is about. */
export function forEachExpected(
  venue: Venue,
  folder: string,
  rows: readonly ExpectedTop[],
  check: (row: ExpectedTop, step: Step) => void,
  before?: (file: string) => (index: number, sequencer: Sequencer) => void,
): void {
  const steps = new Map<string, Step[]>();
  for (const row of rows) {
    const [file, line] = row.ref.split(":") as [string, string];
    if (!steps.has(file)) steps.set(file, replay(venue, fixtureLines(folder, file), before?.(file)));
    const step = steps.get(file)![Number(line) - 1];
    assert.ok(step, `${row.ref} is not there`);
    check(row, step);
  }
}

/** Asserts that a step ends in exactly the quote of a row. */
export function assertTop(row: ExpectedTop, step: Step): void {
  const results = step.results.filter(({ event }) => event.venueSymbol === row.venueSymbol);
  assert.equal(results.length, 1, `${row.ref} leads to one market event: ${JSON.stringify(step.events)}`);
  const { result } = results[0]!;
  assert.equal(result.kind, "top", `${row.ref}: ${JSON.stringify(result)}`);
  assert.ok(result.kind === "top");
  for (const field of ["bid", "bidSize", "ask", "askSize"] as const) {
    assert.ok(
      sameDecimal(result[field], row[field]!),
      `${row.ref}: ${field} ${result[field]}, not ${row[field]}`,
    );
  }
  assert.equal(result.exchangeTime, row.exchangeTime, `${row.ref}: time of the venue`);
}

/**
 * True where a double and decimal text are the same number. Up to 15 significant digits every decimal has a double of
 * its own, so comparing doubles compares the decimals.
 */
export function sameDecimal(number: number, text: string): boolean {
  const digits = text.replace(".", "").replace(/^0+/, "").length;
  assert.ok(digits <= 15, `${text} has more digits than a double tells apart`);
  return number === Number(text);
}
