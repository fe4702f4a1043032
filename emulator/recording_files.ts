/** Reads the files that `--replay` names. */
import type { RecordingFile } from "./exchanges.ts";
import type { VenueId } from "./options.ts";

type Recordings = Partial<Record<VenueId, RecordingFile>>;

export async function readRecordings(
  files: Readonly<Partial<Record<VenueId, string>>>,
): Promise<{ recordings: Recordings } | { problems: string[] }> {
  const recordings: Recordings = {};
  const problems: string[] = [];
  for (const [venue, file] of Object.entries(files) as [VenueId, string][]) {
    try {
      const text = await Deno.readTextFile(file);
      recordings[venue] = { text, books: await readBooks(file) };
    } catch (error) {
      problems.push(
        `--replay ${venue}=${file} cannot be read: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  return problems.length > 0 ? { problems } : { recordings };
}

/**
 * REST books that were recorded along with `x.jsonl` stand in `x.rest.jsonl` as `{url, body}`: a channel of
 * differences means nothing without them. By pair, in the order they were fetched.
 */
async function readBooks(file: string): Promise<ReadonlyMap<string, string[]>> {
  const books = new Map<string, string[]>();
  let text: string;
  try {
    text = await Deno.readTextFile(file.replace(/\.jsonl$/u, ".rest.jsonl"));
  } catch {
    return books;
  }
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const { url, body } = JSON.parse(line) as { url: string; body: string };
    const pair = new URL(url).searchParams.get("currency_pair");
    if (pair !== null) books.set(pair, [...(books.get(pair) ?? []), body]);
  }
  return books;
}
