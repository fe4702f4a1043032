/** A Redis server of a test's own: it can be killed, stopped and started again, empty. */
import { freePort } from "../ports.ts";
import { pause, until } from "../program/process.ts";

/** How a server is started that can also be Valkey. */
const BINARY = Deno.env.get("REDIS_SERVER") ?? "redis-server";
const CLI = Deno.env.get("REDIS_CLI") ?? "redis-cli";

/** Whether there is a Redis to be started. */
export const present: boolean = await runs(BINARY) && await runs(CLI);
if (!present && Deno.env.get("CI") === "true") {
  throw new Error(`${BINARY} and ${CLI} are needed: install redis-server and redis-tools (Debian, Ubuntu)`);
}

/** `Deno.test` that is ignored where there is no Redis to be started. */
export function redisTest(name: string, run: () => Promise<void>): void {
  const why = present ? "" : " (skipped: redis-server and redis-cli are not installed)";
  Deno.test({ name: name + why, ignore: !present, fn: run });
}

async function runs(binary: string): Promise<boolean> {
  try {
    return (await new Deno.Command(binary, { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly folder: string;
  /** Arguments of redis-cli that it needs to get in. */
  cliArgs: string[] = [];
  readonly #args: string[];
  #child: Deno.ChildProcess | undefined;

  private constructor(port: number, folder: string, args: string[]) {
    this.port = port;
    this.folder = folder;
    this.#args = args;
  }

  /** Starts one. `args` go to redis-server; with `--port 0` among them it listens only where they say. */
  static async start(
    args: string[] = [],
    options: { cliArgs?: string[]; port?: number } = {},
  ): Promise<RedisServer> {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-redis-" });
    const server = new RedisServer(options.port ?? freePort(), folder, args);
    server.cliArgs = options.cliArgs ?? [];
    try {
      await server.start();
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on its port and waits until it answers. Nothing of before is there. */
  async start(): Promise<void> {
    const common = ["--bind", "127.0.0.1", "--dir", this.folder, "--save", "", "--appendonly", "no"];
    const args = [...common, "--port", String(this.port), ...this.#args];
    this.#child = new Deno.Command(BINARY, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    // Any answer will do: without its password it says no, but says it.
    await until(
      "the Redis of the test answers",
      () => this.cli("PING").catch(() => ""),
      (text) => text !== "",
    );
  }

  /** What redis-cli prints. Throws where it fails. */
  async cli(...args: string[]): Promise<string> {
    const all = ["-p", String(this.port), "--no-auth-warning", ...this.cliArgs, ...args];
    const { success, stdout, stderr } = await new Deno.Command(CLI, { args: all, stdin: "null" }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trimEnd();
  }

  /** A hash as redis-cli shows it. */
  async hash(key: string): Promise<Record<string, string>> {
    const lines = (await this.cli("HGETALL", key)).split("\n");
    const fields: Record<string, string> = {};
    for (let n = 0; n + 1 < lines.length; n += 2) fields[lines[n]!] = lines[n + 1]!;
    return fields;
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
    } catch { /* it has ended */ }
    await child?.status;
    // Its port is free for the next.
    await pause(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}
