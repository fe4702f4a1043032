/** A process of a test: its lines are kept, and it never outlives the test. */
import assert from "node:assert/strict";

export const ROOT = new URL("../../", import.meta.url);
/** How long anything may take before a test fails; nothing is asserted about less. */
export const PATIENCE_MS = 120_000;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks until the answer fits and returns it. `what` completes the sentence «Waited in vain until …». */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  fits: (value: T) => boolean = Boolean,
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (fits(value)) return value;
    if (performance.now() > deadline) {
      assert.fail(`Waited in vain until ${what}; at last: ${JSON.stringify(value)}`);
    }
    await pause(25);
  }
}

export interface Ended {
  code: number;
  stdout: string[];
  stderr: string[];
}

export class Process implements AsyncDisposable {
  readonly pid: number;
  /** Complete lines so far. */
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly ended: Promise<Ended>;
  #running = true;
  readonly #child: Deno.ChildProcess;

  /** Runs a script of this repository with these flags of `deno run`. */
  static run(
    flags: readonly string[],
    script: string,
    args: readonly string[],
    env: Record<string, string>,
  ): Process {
    return new Process(["run", "--quiet", "--frozen", "--no-prompt", ...flags, script, ...args], env);
  }

  /** Runs deno in the repository. */
  constructor(args: readonly string[], env: Record<string, string>) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: ROOT,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.ended = Promise.all([
      this.#child.status,
      collect(this.#child.stdout, this.stdout),
      collect(this.#child.stderr, this.stderr),
    ]).then(([{ code }]) => {
      this.#running = false;
      return { code, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get running(): boolean {
    return this.#running;
  }

  kill(signal: Deno.Signal): void {
    if (this.#running) this.#child.kill(signal);
  }

  /** The first line of standard output that fits; fails where the process ends before. */
  async line(what: string, fits: (line: string) => boolean): Promise<string> {
    return (await until(`it says ${what}`, () => {
      const found = this.stdout.find(fits);
      if (found === undefined && !this.#running) {
        assert.fail(`It ended before it said ${what}:\n${[...this.stdout, ...this.stderr].join("\n")}`);
      }
      return found;
    }))!;
  }

  /** Waits for the end, within a bound. */
  async untilEnded(): Promise<Ended> {
    const timer = setTimeout(() => this.kill("SIGKILL"), PATIENCE_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}

export async function collect(stream: ReadableStream<Uint8Array>, lines: string[]): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
  }
  if (rest !== "") lines.push(rest);
}
