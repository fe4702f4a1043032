/** The program on a folder that stays when it ends, so that it can be started there again. */
import assert from "node:assert/strict";
import { Process } from "../process.ts";
import { type Config, Program } from "../program.ts";

export class Instance implements AsyncDisposable {
  readonly folder: string;
  readonly config: Config;
  /** The latest start. */
  #program: Program | undefined;

  private constructor(folder: string, config: Config) {
    this.folder = folder;
    this.config = config;
  }

  /** `config` without `dataDir`, which is a folder of its own unless it is given. */
  static async in(config: Config): Promise<Instance> {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
    return new Instance(folder, { dataDir: `${folder}/data`, ...config });
  }

  get dataDir(): string {
    return this.config.dataDir as string;
  }

  get program(): Program {
    assert.ok(this.#program, "It was not started");
    return this.#program;
  }

  /** Starts main.ts with the rights that the task gives it, and waits until it serves. */
  async start(more: Config = {}): Promise<Program> {
    await Deno.writeTextFile(`${this.folder}/config.yaml`, JSON.stringify({ ...this.config, ...more }));
    const process = Process.run(
      [
        "--v8-flags=--max-semi-space-size=2",
        "--allow-net",
        "--allow-read",
        `--allow-write=${this.folder},${this.dataDir}`,
        "--allow-env=MARKETFLOW_*,PG*,REDIS_*,LOG_TOKENS,LOG_STREAM,WS_NO_*",
      ],
      "main.ts",
      ["--port", "0", "--config", `${this.folder}/config.yaml`],
      {},
    );
    try {
      const ready = await process.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
      return this.#program = new Program(process, JSON.parse(ready).url);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Stops it as an operator does, and says how it ended. */
  async stop(): Promise<{ code: number; stdout: string[]; stderr: string[] }> {
    this.program.process.kill("SIGTERM");
    return await this.program.process.untilEnded();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true }).catch(() => {});
  }
}
