/** The program as a process of its own: main.ts with a configuration and a data folder that only it uses. */
import assert from "node:assert/strict";
import type { Health, VenueStatus } from "../../core/app/market.ts";
import type { Mode } from "../../core/domain/mode.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import type { Quote } from "../../core/domain/quote.ts";
import { Process } from "./process.ts";

/** What a configuration says; JSON is YAML. */
export type Config = Record<string, unknown>;

export interface LogLine {
  level: string;
  message: string;
  [field: string]: unknown;
}

/** A folder with a configuration, and main.ts on it. For runs that do not serve. Disposing kills it. */
export async function launch(
  config: Config | string | undefined,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Process> {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
  const text = typeof config === "string" ? config : JSON.stringify({ dataDir: `${folder}/data`, ...config });
  if (config !== undefined) await Deno.writeTextFile(`${folder}/config.yaml`, text);
  const process = Process.run(
    // As in the task, but for the folder that may be written to.
    [
      "--v8-flags=--max-semi-space-size=2",
      "--allow-net",
      "--allow-read",
      `--allow-write=${folder}`,
      "--allow-env=MARKETFLOW_*,PG*,REDIS_*,LOG_TOKENS,LOG_STREAM,WS_NO_*",
    ],
    "main.ts",
    [...(config === undefined ? [] : ["--config", `${folder}/config.yaml`]), ...args],
    env,
  );
  process.ended.finally(() => Deno.remove(folder, { recursive: true }).catch(() => {}));
  return process;
}

/** Starts the program on a free port and waits until it serves. */
export async function startProgram(
  config: Config,
  args: readonly string[] = ["--port", "0"],
): Promise<Program> {
  const process = await launch(config, args);
  try {
    const ready = await process.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
    return new Program(process, JSON.parse(ready).url);
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

export class Program implements AsyncDisposable {
  readonly process: Process;
  readonly url: string;

  constructor(process: Process, url: string) {
    this.process = process;
    this.url = url;
  }

  /** Its log so far. Each line must be JSON. */
  get log(): LogLine[] {
    return this.process.stdout.map((line) => JSON.parse(line));
  }

  /** The body of an answer with status 200, or 503 from `/health`. */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path);
    const body = await response.json();
    assert.ok(response.ok || path === "/health", `${path}: ${JSON.stringify(body)}`);
    return body as T;
  }

  async post<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path, { method: "POST" });
    const body = await response.json();
    assert.equal(response.status, 200, JSON.stringify(body));
    return body as T;
  }

  health(): Promise<Health> {
    return this.get("/health");
  }

  async venues(): Promise<VenueStatus[]> {
    return (await this.get<{ venues: VenueStatus[] }>("/venues")).venues;
  }

  async venue(id: string): Promise<VenueStatus> {
    const found = (await this.venues()).find((venue) => venue.id === id);
    assert.ok(found, `There is no venue ${id}`);
    return found;
  }

  async quotes(symbol: string): Promise<Quote[]> {
    return (await this.get<{ mode: Mode; quotes: Quote[] }>(`/prices/latest/${symbol}`)).quotes;
  }

  /** One quote; undefined where that exchange has none now. */
  async quote(exchange: string, symbol: string): Promise<Quote | undefined> {
    const response = await fetch(`${this.url}/prices/latest/${exchange}/${symbol}`);
    const body = await response.json();
    if (response.status === 404) return undefined;
    assert.equal(response.status, 200, JSON.stringify(body));
    return body;
  }

  async opportunities(query = ""): Promise<Opportunity[]> {
    return (await this.get<{ opportunities: Opportunity[] }>(`/opportunities${query}`)).opportunities;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }
}
