/** Recorded frames on their whole way: file, emulator, socket, worker, core, REST. */
import assert from "node:assert/strict";
import { type ExpectedTop, expectedTops, fixtureTest, frameFiles } from "../fixtures.ts";
import { sameDecimal } from "../replay.ts";
import { startExchanges, venuesOf } from "./exchanges.ts";
import { until } from "./process.ts";
import { startProgram } from "./program.ts";

const FIXTURES = new URL("../../../shared/fixtures/", import.meta.url);
const FOLDERS = { bybit: "bybit", okx: "okx", gateio: "gate", kraken: "kraken" } as const;
type VenueId = keyof typeof FOLDERS;

/** Single frames without a connection between them; the mappers' tests have them. */
const NO_RECORDING = "samples.jsonl";

/** The last row of each instrument of a file, by canonical symbol. */
function lastTops(venue: VenueId, file: string): Map<string, ExpectedTop> {
  const tops = new Map<string, ExpectedTop>();
  for (const row of expectedTops(FOLDERS[venue])) {
    // A ticker without sizes makes no quote.
    if (!row.ref.startsWith(`${file}:`) || row.bidSize === null || row.askSize === null) continue;
    const symbol = (row as ExpectedTop & { symbol: string }).symbol;
    tops.set(symbol.split(":")[0]!.replace("/", "-"), row);
  }
  return tops;
}

async function replayed(files: Partial<Record<VenueId, string>>): Promise<void> {
  const arg = Object.entries(files).map(([venue, file]) =>
    `${venue}=${new URL(`${FOLDERS[venue as VenueId]}/${file}`, FIXTURES).pathname}`
  );
  const tops = Object.entries(files).map(([venue, file]) =>
    [venue, lastTops(venue as VenueId, file)] as const
  );
  const symbols = [...new Set(tops.flatMap(([, rows]) => [...rows.keys()]))];
  await using exchanges = await startExchanges("--replay", arg.join(","), "--speed", "0");
  await using program = await startProgram({ mode: "live", symbols, venues: venuesOf(exchanges) });
  for (const [venue, rows] of tops) {
    assert.ok(rows.size > 0, `${files[venue as VenueId]} has expected rows`);
    for (const [symbol, row] of rows) {
      await until(`${venue} has the ${symbol} of ${row.ref}: ${JSON.stringify(row)}`, async () => {
        const quote = await program.quote(venue, symbol);
        return { quote, venue: await program.venue(venue) };
      }, ({ quote }) =>
        quote !== undefined && quote.fresh &&
        (["bid", "bidSize", "ask", "askSize"] as const).every((field) =>
          sameDecimal(quote[field]!, row[field]!)
        ));
    }
    const { malformed, gaps } = await program.venue(venue);
    assert.deepEqual({ malformed, gaps }, { malformed: 0, gaps: 0 }, venue);
  }
}

for (const venue of Object.keys(FOLDERS) as VenueId[]) {
  fixtureTest(`recordings of ${venue} end in the expected quotes`, async () => {
    const files = frameFiles(FOLDERS[venue]).filter((file) => file !== NO_RECORDING);
    assert.ok(files.length > 0);
    for (const file of files) {
      await replayed({ [venue]: file });
    }
  });
}
