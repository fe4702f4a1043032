/**
 * Reads the recorded frames and their expected values from ../shared/fixtures beside the repository. They are
 * reference data and no part of it; tests that need them are skipped, and say so, where the folder is absent.
 */

const ROOT = new URL("../../shared/fixtures/", import.meta.url);

/** A row of `expected.jsonl`: the best bid and ask after the frame that `ref` names. Prices and sizes are text. */
export interface ExpectedTop {
  venueSymbol: string;
  bid: string | null;
  bidSize: string | null;
  ask: string | null;
  askSize: string | null;
  /** Milliseconds, the fraction carries microseconds. */
  exchangeTime: number | null;
  /** `file:line`, lines counted from 1. */
  ref: string;
  how: string;
}

/** A row that an instrument list must lead to. Steps and minimums are text. */
export interface ExpectedInstrument {
  venueSymbol: string;
  base: string;
  quote: string;
  active: boolean;
  tickSize: string | null;
  sizeStep: string | null;
  minSize: string | null;
  minNotional: string | null;
  /** Where the name on the socket is another than in the list. */
  wsV2Symbol?: string;
}

export const fixturesPresent: boolean = isDirectory(ROOT);

/** `Deno.test` that is ignored where the fixtures are absent. */
export function fixtureTest(name: string, run: () => void | Promise<void>): void {
  const why = fixturesPresent ? "" : " (skipped: ../shared/fixtures is absent)";
  Deno.test({ name: name + why, ignore: !fixturesPresent, fn: run });
}

/** The lines of a file, without the empty one at its end. */
export function fixtureLines(folder: string, file: string): string[] {
  const text = Deno.readTextFileSync(new URL(`${folder}/${file}`, ROOT));
  return text.replace(/\n$/, "").split("\n");
}

/** A file of one JSON value. */
export function fixtureJson(folder: string, file: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(`${folder}/${file}`, ROOT)));
}

export function expectedTops(folder: string): ExpectedTop[] {
  return fixtureLines(folder, "expected.jsonl").map((line) => JSON.parse(line));
}

/** The files with frames: every `.jsonl` but the indexes, expectations and REST answers. */
export function frameFiles(folder: string): string[] {
  return names(folder).filter((name) =>
    name.endsWith(".jsonl") && !name.endsWith(".rest.jsonl") && !name.endsWith(".index.jsonl") &&
    name !== "expected.jsonl"
  );
}

/** Recorded REST lists, body as text, each with the rows that it must lead to. */
export function instrumentLists(
  folder: string,
): { name: string; body: string; expect: ExpectedInstrument[] }[] {
  return names(folder).filter((name) => name.startsWith("instruments_")).map((name) => {
    const { body, expect } = fixtureJson(folder, name) as { body: unknown; expect: ExpectedInstrument[] };
    return { name, body: JSON.stringify(body), expect };
  });
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(new URL(`${folder}/`, ROOT))].map((entry) => entry.name).sort();
}

function isDirectory(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
