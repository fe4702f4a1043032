/** What has to hold after readers were served. */
import type { ReaderReport } from "./reader.ts";
import { MAX_BUFFERED_BYTES, type StreamsReport } from "./streams.ts";
import { trend } from "./watch.ts";

export interface Verdict {
  what: string;
  holds: boolean;
  found: string;
}

/** The heaps find their sizes in the first minute. */
const SETTLED_AFTER_S = 60;
const TREND_BYTES_PER_MINUTE = 2e6;
/** A tenth of a second is usual on a quiet machine; how late an idle thread was tells how busy this one is. */
const LOOP_DELAY_MS = 1_000;
/** A queue holds its bound and one event. */
const EVENT_BYTES = 4_096;

export function verdicts(report: StreamsReport): Verdict[] {
  const { reports, events, table, samples } = report;
  const steady = reports.filter(({ pace }) => pace === "steady");
  const others = reports.filter(({ pace }) => pace !== "steady");
  const silent = reports.filter(({ pace }) => pace === "silent");
  const cut = reports.filter(({ cut }) => cut > 0);
  const complete = steady.filter((one) =>
    one.events === events && one.gaps === 0 && one.cut === 0 && one.problem === undefined
  );
  const differ = new Set(steady.map(({ form, hash }) => `${form} ${hash}`)).size -
    new Set(steady.map(({ form }) => form)).size + new Set(steady.map(({ lastId }) => lastId)).size - 1;
  const knowing = reports.filter((one) => one.table !== undefined);
  const right = knowing.filter((one) => JSON.stringify(one.table) === JSON.stringify(table));
  const back = cut.filter((one) =>
    one.connected > one.cut && one.backWithMissed + one.backWithSnapshot > 0 && right.includes(one)
  );
  const most = Math.max(0, ...samples.map(({ bufferedBytes }) => bufferedBytes));
  const bound = others.length * (MAX_BUFFERED_BYTES + EVENT_BYTES);
  return [
    {
      what: "all that read saw every event, in order and once",
      holds: complete.length === steady.length,
      found: `${complete.length} of ${steady.length} saw all ${events}`,
    },
    {
      what: "all of one form saw the same bytes, and all forms the same ids",
      holds: differ === 0,
      found: differ === 0 ? "one hash for each form" : `${differ} differ`,
    },
    {
      what: "all know in the end what is open",
      holds: right.length === knowing.length && table.length > 0,
      found: `${right.length} of ${knowing.length} that kept a table have the ${table.length} of the source`,
    },
    {
      what: "those that were cut came back",
      holds: back.length === cut.length,
      found:
        `${back.length} of ${cut.length}; ${countOf(cut, "backWithMissed")} times with what they missed, ` +
        `${countOf(cut, "backWithSnapshot")} with a snapshot`,
    },
    {
      what: "what waits for those that do not read is bounded",
      holds: most <= bound && reports.every(({ problem }) => problem === undefined),
      found: `${(most / 1e6).toFixed(1)} MB waited at most, ${(bound / 1e6).toFixed(1)} may`,
    },
    ...settled(report, silent),
  ];
}

/** Of runs that are long enough for it. */
function settled({ samples, idleDelayMs, events, quotes }: StreamsReport, silent: ReaderReport[]): Verdict[] {
  const later = samples.filter(({ seconds }) => seconds >= SETTLED_AFTER_S);
  if (later.length < 12) return [];
  const perMinute = trend(later);
  const delayMs = Math.max(...later.map(({ loopDelayMs }) => loopDelayMs));
  const cut = silent.filter((one) => one.cut > 0);
  return [
    {
      what: "as good as every quote made an event",
      holds: events >= 0.9 * quotes,
      found: `${events} events of ${quotes} quotes`,
    },
    {
      what: "those that never read were cut",
      holds: cut.length === silent.length,
      found: `${cut.length} of ${silent.length}`,
    },
    {
      what: `memory is flat: at most ${TREND_BYTES_PER_MINUTE / 1e6} MB a minute after ${SETTLED_AFTER_S} s`,
      holds: perMinute <= TREND_BYTES_PER_MINUTE,
      found: `${(perMinute / 1e6).toFixed(2)} MB a minute`,
    },
    {
      what: `the event loop never stalls for ${LOOP_DELAY_MS} ms`,
      holds: delayMs < LOOP_DELAY_MS,
      found: `${delayMs.toFixed(0)} ms at most, an idle thread ${idleDelayMs.toFixed(0)} ms`,
    },
  ];
}

function countOf(reports: readonly ReaderReport[], name: "backWithMissed" | "backWithSnapshot"): number {
  return reports.reduce((sum, one) => sum + one[name], 0);
}
