/**
 * A chain of a test's own: anvil, whose binary comes within a package of npm. The package that chooses the one of the
 * platform cannot be installed here, so it is named; npm has it for Linux on x86-64 alone.
 */
import { freePort } from "../ports.ts";
import { until } from "../program/process.ts";

/** The path of the binary, or why there is none. */
const found: { path: string } | { why: string } = await find();
if ("why" in found && Deno.env.get("CI") === "true") throw new Error(`anvil is needed: ${found.why}`);

/** `Deno.test` that is ignored where there is no anvil. */
export function anvilTest(name: string, run: () => void | Promise<void>): void {
  const why = "why" in found ? ` (skipped: ${found.why})` : "";
  Deno.test({ name: name + why, ignore: "why" in found, fn: run });
}

async function find(): Promise<{ path: string } | { why: string }> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") return { why: `npm has no anvil for ${os} on ${arch}` };
  try {
    return { path: (await import("./anvil_package.ts")).binary };
  } catch (error) {
    return { why: `its package could not be had: ${(error as Error).message}` };
  }
}

export class Anvil implements AsyncDisposable {
  readonly port: number = freePort();
  /** All that it writes lands here: its home is here, too. */
  readonly #folder: string;
  readonly #args: readonly string[];
  #child: Deno.ChildProcess | undefined;

  private constructor(folder: string, args: readonly string[]) {
    this.#folder = folder;
    this.#args = args;
  }

  /** Starts one with an empty chain. It mines a block for each transaction unless `args` say otherwise. */
  static async start(args: readonly string[] = []): Promise<Anvil> {
    const anvil = new Anvil(await Deno.makeTempDir({ prefix: "marketflow-anvil-" }), args);
    try {
      await anvil.start();
    } catch (error) {
      await anvil[Symbol.asyncDispose]();
      throw error;
    }
    return anvil;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Starts it on its port and waits until it answers. Nothing of before is there. */
  async start(): Promise<void> {
    if ("why" in found) throw new Error(`There is no anvil: ${found.why}`);
    this.#child = new Deno.Command(found.path, {
      args: [
        ...["--host", "127.0.0.1", "--port", String(this.port), "--quiet"],
        ...["--max-persisted-states", "0", "--cache-path", this.#folder, ...this.#args],
      ],
      env: { HOME: this.#folder },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until("the chain of the test answers", () => this.#answers());
  }

  async #answers(): Promise<boolean> {
    try {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
      const headers = { "content-type": "application/json" };
      return (await (await fetch(this.url, { method: "POST", headers, body })).json()).result !== undefined;
    } catch {
      return false;
    }
  }

  /** Stops its process where it stands, and lets it go on. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    try {
      child?.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await child?.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }
}
