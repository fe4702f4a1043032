/** What the program says of itself while readers are served, sampled every few seconds. */
import { pause } from "../process.ts";
import type { Program } from "../program.ts";

const EVERY_MS = 5_000;
/** Of `utime` and `stime` in /proc. */
const TICKS_PER_SECOND = 100;

export interface Sample {
  /** Since the first one. */
  seconds: number;
  rssBytes: number;
  heapBytes: number;
  /** Of the kernel for all TCP connections of this machine; NaN where it does not tell. */
  kernelBytes: number;
  clients: number;
  bufferedBytes: number;
  events: number;
  cut: number;
  superseded: number;
  /** Of the last minute at most. */
  loopDelayMs: number;
  /** Of the program since its start; NaN where the system does not tell. */
  processorSeconds: number;
}

export async function sampleOf(program: Program, since: number): Promise<Sample> {
  const text = await (await fetch(`${program.url}/metrics`)).text();
  const metric = (name: string) => Number(new RegExp(`^${name} (.+)$`, "mu").exec(text)?.[1]);
  return {
    seconds: (performance.now() - since) / 1000,
    rssBytes: metric("process_resident_memory_bytes"),
    heapBytes: metric("marketflow_heap_used_bytes"),
    kernelBytes: kernelBytes(),
    clients: metric("marketflow_stream_clients"),
    bufferedBytes: metric("marketflow_stream_buffered_bytes"),
    events: metric("marketflow_stream_events_total"),
    cut: metric("marketflow_stream_cut_total"),
    superseded: metric("marketflow_stream_superseded_total"),
    loopDelayMs: metric("marketflow_event_loop_delay_max_seconds") * 1000,
    processorSeconds: processorSeconds(program.process.pid),
  };
}

/** Samples until it is disposed of. */
export class Watch implements AsyncDisposable {
  readonly samples: Sample[] = [];
  /** How late a timer of this thread was at most, which has next to nothing to do: that is due to the machine. */
  idleDelayMs = 0;
  readonly #watching: Promise<void>;
  #goesOn = true;

  constructor(program: Program, told: (sample: Sample) => void) {
    const since = performance.now();
    this.#watching = (async () => {
      while (this.#goesOn) {
        const sample = await sampleOf(program, since);
        this.samples.push(sample);
        told(sample);
        for (let waited = 0; waited < EVERY_MS && this.#goesOn; waited += 100) {
          const due = performance.now() + 100;
          await pause(100);
          this.idleDelayMs = Math.max(this.idleDelayMs, performance.now() - due);
        }
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#goesOn = false;
    await this.#watching;
  }
}

/** Least squares of memory over time, in bytes a minute; NaN where there is nothing to draw a line through. */
export function trend(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length;
  const [x, y] = [mean(({ seconds }) => seconds), mean(({ rssBytes }) => rssBytes)];
  const covariance = mean(({ seconds, rssBytes }) => (seconds - x) * (rssBytes - y));
  return 60 * covariance / mean(({ seconds }) => (seconds - x) ** 2);
}

function processorSeconds(pid: number): number {
  const text = output("cat", `/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function kernelBytes(): number {
  const pages = /^TCP: .*mem (\d+)/mu.exec(output("cat", "/proc/net/sockstat"))?.[1];
  return pages === undefined ? NaN : Number(pages) * 4096;
}

/** Deno reads nothing below /proc without all permissions; `cat` does. Empty where there is no such thing. */
function output(command: string, ...args: string[]): string {
  try {
    return new TextDecoder().decode(new Deno.Command(command, { args, stderr: "null" }).outputSync().stdout);
  } catch {
    return "";
  }
}
