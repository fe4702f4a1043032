/** Other processes of a benchmark. They speak in lines of JSON on stdout and end when they are killed. */
import { TextLineStream } from "./lines.ts";

/** A benchmark must not hang: whatever a child is waited for takes no longer than this. */
const WITHIN_MS = 120_000;

export class Child {
  readonly pid: number;
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #ignored: Promise<void> | undefined;

  /** Runs a script of this folder, or of the program, with the permissions that a benchmark has. */
  constructor(script: URL, args: readonly string[] = [], flags: readonly string[] = BENCH_FLAGS) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", ...flags, script.pathname, ...args],
      cwd: new URL("../..", import.meta.url),
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.pid = this.#process.pid;
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
  }

  /** The next line as JSON. Throws where the child ended or says nothing for too long. */
  async next<T>(): Promise<T> {
    const timeout = setTimeout(() => this.#process.kill("SIGKILL"), WITHIN_MS);
    const { value, done } = await this.#lines.read();
    clearTimeout(timeout);
    if (done) {
      throw new Error(`A process of the benchmark ended early, with ${(await this.#process.status).code}`);
    }
    return JSON.parse(value) as T;
  }

  /** Reads lines until one fits. */
  async until<T>(fits: (line: T) => boolean): Promise<T> {
    for (;;) {
      const line = await this.next<T>();
      if (fits(line)) return line;
    }
  }

  /** Nothing it says from now on matters. Without this a child that goes on talking stops in the end. */
  ignore(): void {
    this.#ignored ??= this.#drain();
  }

  /** Ends it and waits until it has. Returns its exit code. */
  async end(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    this.ignore();
    try {
      this.#process.kill(signal);
    } catch {
      // It has ended.
    }
    const { code } = await this.#process.status;
    await this.#ignored;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }

  async #drain(): Promise<void> {
    while (!(await this.#lines.read()).done);
  }
}

const BENCH_FLAGS = [
  "--lock=tests/deno.lock",
  "--frozen",
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
];

/** What a child says to its parent. */
export function tell(value: unknown): void {
  console.log(JSON.stringify(value));
}
