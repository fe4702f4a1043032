/**
 * Reading in steps, each of which takes a moment only: a step gives what it found and the question for what follows. So
 * nothing has to be remembered between two steps, wherever they are taken.
 */
import type { BarsQuery, EpisodesQuery } from "../../core/ports/history.ts";

export interface Step<Row, Query> {
  /** May be none although more follow. */
  rows: Row[];
  /** Undefined where all was read. */
  rest: Query | undefined;
}

export type Question =
  | { kind: "bars"; query: BarsQuery }
  | { kind: "episodes"; query: EpisodesQuery };

/**
 * The pages that `ask` gives, those without rows left out. `left` turns true as soon as the reader leaves, also in the
 * middle of a page; then `ask` may give up with what it has.
 */
export function pagesOf<Row, Query>(
  query: Query,
  ask: (query: Query, left: () => boolean) => Promise<Step<Row, Query>>,
): AsyncIterableIterator<Row[]> {
  let hasLeft = false;
  const left = () => hasLeft;
  const pages = (async function* () {
    for (let rest: Query | undefined = query; rest !== undefined && !hasLeft;) {
      const step: Step<Row, Query> = await ask(rest, left);
      if (step.rows.length > 0) yield step.rows;
      rest = step.rest;
    }
  })();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => pages.next(),
    return() {
      // A generator would hear of it only after the page that it is about.
      hasLeft = true;
      return pages.return(undefined);
    },
  };
}
