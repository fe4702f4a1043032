/** Anvil, a node with a chain of its own, as a child that ends with its parent however that ends. */

/**
 * Anvil takes the place of this shell, and so its process id. A part of the shell stays and waits for the end of its
 * input, whose other end our process holds: even where that is killed, anvil is, too. A line instead says to let it be.
 */
const KEEPER = `exec 3<&0
{ read -r _ <&3 || kill -9 $$; } >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null`;

/** Without these it fills a folder in the home of its user. */
const SHORT_MEMORY = ["--prune-history", "100", "--transaction-block-keeper", "100"];
/** It takes a tenth of a second on a machine with nothing else to do. */
const READY_WITHIN_MS = 30_000;
const ASK_EVERY_MS = 20;

/** Room in a block for two hundred swaps, and for any one transaction. */
export const BLOCK_GAS = 8_000_000_000;

export class Anvil {
  readonly port: number;
  /** What it said when it ended of itself; `end` and the next `start` forget it. */
  ended: string | undefined;
  /** Called when it ends of itself. */
  onEnd: (why: string) => void = () => {};
  readonly #path: string;
  readonly #args: readonly string[];
  #child: Deno.ChildProcess | undefined;
  #keeper: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** `path` is that of the binary. Nothing runs before `start`. */
  constructor(path: string, port: number, args: readonly string[] = []) {
    this.#path = path;
    this.port = port;
    this.#args = args;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Starts it on its port with an empty chain and waits until it answers. Throws where it does not. */
  async start(): Promise<void> {
    this.ended = undefined;
    const child = new Deno.Command("sh", {
      args: [
        ...["-c", KEEPER, "anvil", this.#path, "--host", "127.0.0.1", "--port", String(this.port)],
        ...["--quiet", ...SHORT_MEMORY, ...this.#args],
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#child = child;
    this.#keeper = child.stdin.getWriter();
    void this.#watch(child);
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!await this.#answers()) {
      if (this.#child !== child) throw new Error(this.ended ?? "Anvil was ended while it started");
      if (performance.now() > deadline) {
        await this.end();
        throw new Error(`Anvil did not answer on port ${this.port} within ${READY_WITHIN_MS / 1000} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }

  async #watch(child: Deno.ChildProcess): Promise<void> {
    const [said, status] = await Promise.all([lastLine(child.stderr), child.status]);
    if (this.#child !== child) return;
    this.#child = undefined;
    const why = `Anvil ended with code ${status.code}${said === "" ? "" : `: ${said}`}`;
    this.ended = why;
    await this.#dismissKeeper();
    this.onEnd(why);
  }

  async #answers(): Promise<boolean> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(READY_WITHIN_MS);
    try {
      const response = await fetch(this.url, { method: "POST", headers, body, signal });
      return (await response.json()).result !== undefined;
    } catch {
      return false;
    }
  }

  /** Undefined where none runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Stops its process where it stands, and lets it go on. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }
  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Its chain is gone with it. */
  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await this.#dismissKeeper();
    try {
      child?.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await child?.status;
  }

  /** Once anvil has ended its process id may be somebody else's. */
  async #dismissKeeper(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    await keeper?.write(new Uint8Array([10])).catch(() => {});
    await keeper?.close().catch(() => {});
  }
}

/** The last line of what a process writes; no more than the end is kept. */
async function lastLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of stream) text = (text + decoder.decode(part, { stream: true })).slice(-1000);
  return text.trim().split("\n").at(-1)!.trim();
}
