/**
 * The whole program under a paced load: how long a frame takes to become an event, what memory it takes, and whether
 * every frame is accounted for.
 */
import { type Goal, progress, type Report } from "./harness/report.ts";
import { quantile, slope } from "./harness/stats.ts";
import { VENUES } from "./program/market.ts";
import { Program, Source } from "./program/marketflow.ts";
import { StreamReader } from "./program/stream.ts";

/** Frames a second over all venues. The highest has the goals of the whole. */
const PACES = [1_000, 10_000, 50_000];
const GOAL_P99_MS = 25;
/** Memory that grows by more than this is not flat. Within a minute heaps still find their size. */
const FLAT_MB_PER_MINUTE = 10;
const MB = 2 ** 20;

interface Options {
  /** Seconds of load at each pace, after a warm-up. */
  seconds: readonly number[];
  warmUpSeconds: number;
}

interface Run {
  pace: number;
  seconds: number;
  /** Frames sent while it was measured. */
  frames: number;
  delaysMs: number[];
  /** `[seconds, MB]`, once a second. */
  memory: [number, number][];
  cpuMicros: number;
  sourceCpuMicros: number;
  conflated: number;
  /** The source could not keep the pace, or the program could not read fast enough. */
  trouble: string[];
  violations: string[];
}

export async function wholeProgram(options: Options): Promise<Report> {
  const runs: Run[] = [];
  for (const [at, pace] of PACES.entries()) {
    progress(`${pace} frames/s for ${options.seconds[at]} s`);
    runs.push(await run(pace, options.seconds[at]!, options.warmUpSeconds));
  }
  return {
    title: "3–5. The whole program, from frame to server-sent event, four venues × 100 symbols",
    rows: runs.map((one) => ({
      "frames/s": one.pace.toLocaleString("en-US"),
      "for s": one.seconds,
      achieved: one.frames / one.seconds,
      "p50 ms": quantile(one.delaysMs, 0.5),
      "p99 ms": quantile(one.delaysMs, 0.99),
      "max ms": quantile(one.delaysMs, 1),
      events: one.delaysMs.length,
      conflated: one.conflated,
      "µs CPU/frame": one.cpuMicros / one.frames,
      "cores": one.cpuMicros / 1e6 / one.seconds,
      "source cores": one.sourceCpuMicros / 1e6 / one.seconds,
      "peak MB": Math.max(...one.memory.map(([, mb]) => mb)),
      "MB/min": memorySlope(one),
    })),
    goals: goals(runs),
    violations: runs.flatMap((one) => one.violations.map((what) => `At ${one.pace} frames/s: ${what}`)),
    notes: runs.flatMap((one) => one.trouble.map((what) => `At ${one.pace} frames/s: ${what}`)),
  };
}

function goals(runs: readonly Run[]): Goal[] {
  const [, middle, highest] = runs as [Run, Run, Run];
  return [
    {
      what: `MB a minute at ${middle.pace} frames/s`,
      value: memorySlope(middle),
      sense: "below",
      goal: FLAT_MB_PER_MINUTE,
    },
    {
      what: `frames/s achieved of ${highest.pace}`,
      value: highest.frames / highest.seconds,
      sense: "above",
      goal: highest.pace * 0.99,
    },
    {
      what: `ms p99 from frame to event at ${highest.pace} frames/s`,
      value: quantile(highest.delaysMs, 0.99),
      sense: "below",
      goal: GOAL_P99_MS,
    },
  ];
}

/**
 * Slope of the lower edge in MB a minute: the least of each of four stretches, because what a garbage collector has not
 * fetched yet is no growth. The first third is left to heaps that find their size and to the replay log that fills.
 */
function memorySlope({ memory }: Run): number {
  const settled = memory.slice(Math.floor(memory.length / 3));
  const length = Math.max(1, Math.ceil(settled.length / 4));
  const least: [number, number][] = [];
  for (let at = 0; at < settled.length; at += length) {
    const stretch = settled.slice(at, at + length);
    least.push(stretch.reduce((low, sample) => sample[1] < low[1] ? sample : low));
  }
  return slope(least) * 60;
}

async function run(pace: number, seconds: number, warmUpSeconds: number): Promise<Run> {
  const epoch = performance.timeOrigin + performance.now();
  await using source = await Source.start(epoch);
  await using program = await Program.start(source.ports);
  // Some venues say nothing of a quote before it changes.
  await source.pace(PACES[0]!);
  await program.complete();
  await using reader = new StreamReader(program.url, epoch);
  await source.pace(pace);
  await sleep(warmUpSeconds * 1000);
  const before = {
    ...await source.pace(pace),
    programCpu: await program.cpuMicros(),
    time: performance.now(),
  };
  reader.delaysMs = [];
  const memory = await watchMemory(program, seconds);
  const after = {
    ...await source.pace(pace),
    programCpu: await program.cpuMicros(),
    time: performance.now(),
  };
  const { delaysMs } = reader;
  await source.pace(0);
  const { conflated, violations } = await account(source, program);
  return {
    pace,
    seconds: (after.time - before.time) / 1000,
    frames: sum(after.framesSent) - sum(before.framesSent),
    delaysMs,
    memory,
    cpuMicros: after.programCpu - before.programCpu,
    sourceCpuMicros: after.cpuMicros - before.cpuMicros,
    conflated,
    trouble: [
      ...after.missed > before.missed ? [`The source left out ${after.missed - before.missed} frames`] : [],
      ...after.cut > 0 ? [`${after.cut} connections could not be read as fast as frames came`] : [],
    ],
    // Frames under way on a connection that was cut are nobody's fault but the pace's.
    violations: after.cut > 0 ? [] : violations,
  };
}

/** Memory once a second. */
async function watchMemory(program: Program, seconds: number): Promise<[number, number][]> {
  const samples: [number, number][] = [];
  const start = performance.now();
  for (let second = 0; second <= seconds; second++) {
    await sleep(start + second * 1000 - performance.now());
    const { memory } = await program.health();
    samples.push([(performance.now() - start) / 1000, memory.rssBytes / MB]);
  }
  return samples;
}

/** Once all is quiet: was every frame counted, and does every quote stand as it was sent last? */
async function account(
  source: Source,
  program: Program,
): Promise<{ conflated: number; violations: string[] }> {
  const violations: string[] = [];
  for (let tries = 0;; tries++) {
    await sleep(500);
    const sent = (await source.state()).framesSent;
    const venues = await program.venues();
    const lost = VENUES.map((id) => sent[id] - venues.find((venue) => venue.id === id)!.frames);
    const quiet = lost.every((count) => count === 0);
    // The source goes on with heartbeats; between two of them the counts must agree.
    if (!quiet && tries < 20) continue;
    if (!quiet) {
      violations.push(
        `Sent and counted frames differ: ${VENUES.map((id, at) => `${id} ${lost[at]}`).join(", ")}`,
      );
    }
    const broken = venues.filter(({ malformed, gaps, reconnects }) => malformed + gaps + reconnects > 0);
    for (const { id, malformed, gaps, reconnects } of broken) {
      violations.push(`${id}: ${malformed} malformed, ${gaps} gaps, ${reconnects} reconnects`);
    }
    violations.push(...await differences(source, program));
    return { conflated: venues.reduce((all, venue) => all + venue.conflated, 0), violations };
  }
}

async function differences(source: Source, program: Program): Promise<string[]> {
  const [wanted, found] = [await source.quotes(), await program.quotes()];
  const wrong = Object.keys(wanted).filter((key) => String(wanted[key]) !== String(found[key]));
  return wrong.slice(0, 5).map((key) => `${key} is ${found[key]}, was sent as ${wanted[key]}`);
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
