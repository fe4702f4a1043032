/** The program itself, in live mode against the paced exchanges, as a user runs it. */
import type { Health, VenueStatus } from "../../core/app/market.ts";
import project from "../../deno.json" with { type: "json" };
import { Child } from "../harness/child.ts";
import type { SourceState } from "./source.ts";
import { SYMBOLS, type VenueId, VENUES } from "./market.ts";

const PATHS: Record<VenueId, string> = {
  bybit: "/v5/public/spot",
  okx: "/ws/v5/public",
  gateio: "/ws/v4/",
  kraken: "/v2",
};

export class Source {
  readonly #child: Child;
  readonly ports: Readonly<Record<VenueId, number>>;
  readonly #control: string;

  private constructor(child: Child, control: number, ports: Record<VenueId, number>) {
    this.#child = child;
    this.ports = ports;
    this.#control = `http://127.0.0.1:${control}`;
  }

  /** `epoch`: what the moments in the frames count from, ms. */
  static async start(epoch: number): Promise<Source> {
    const child = new Child(new URL("./source.ts", import.meta.url), [String(epoch)]);
    const { control, ports } = await child.next<{ control: number; ports: Record<VenueId, number> }>();
    return new Source(child, control, ports);
  }

  pace(framesPerSecond: number): Promise<SourceState> {
    return json(`${this.#control}/pace/${framesPerSecond}`);
  }

  state(): Promise<SourceState> {
    return json(this.#control);
  }

  quotes(): Promise<Record<string, number[]>> {
    return json(`${this.#control}/quotes`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
  }
}

export class Program {
  readonly #child: Child;
  readonly #folder: string;
  readonly url: string;

  private constructor(child: Child, folder: string, url: string) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
  }

  static async start(ports: Readonly<Record<VenueId, number>>): Promise<Program> {
    const folder = await Deno.makeTempDir();
    const config = {
      mode: "live",
      server: { host: "127.0.0.1", port: 0 },
      dataDir: folder,
      symbols: SYMBOLS,
      venues: {
        ...Object.fromEntries(VENUES.map((id) => [id, {
          wsUrl: `ws://127.0.0.1:${ports[id]}${PATHS[id]}`,
          restUrl: `http://127.0.0.1:${ports[id]}`,
        }])),
        "uniswap-v2": { enabled: false },
        "uniswap-v3": { enabled: false },
      },
    };
    // JSON is YAML.
    await Deno.writeTextFile(`${folder}/config.yaml`, JSON.stringify(config));
    const script = new URL("../../main.ts", import.meta.url);
    const flags = [...startFlags(), `--allow-write=${folder}`];
    const child = new Child(script, ["--config", `${folder}/config.yaml`], flags);
    const { url } = await child.until<{ url?: string }>((line) => line.url?.startsWith("http:") ?? false);
    child.ignore();
    return new Program(child, folder, url!);
  }

  /** Processor time of all its threads so far, in µs; NaN where the system does not tell. */
  async cpuMicros(): Promise<number> {
    // Deno lets nobody read /proc without all permissions.
    const cat = new Deno.Command("cat", { args: [`/proc/${this.#child.pid}/stat`], stderr: "null" });
    const { stdout } = await cat.output();
    const fields = new TextDecoder().decode(stdout).split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  }

  async venues(): Promise<VenueStatus[]> {
    return (await json<{ venues: VenueStatus[] }>(`${this.url}/venues`)).venues;
  }

  health(): Promise<Health> {
    return json(`${this.url}/health`);
  }

  async quotes(): Promise<Record<string, (number | null)[]>> {
    const found: Record<string, (number | null)[]> = {};
    for (const symbol of SYMBOLS) {
      const { quotes } = await json<{ quotes: Quote[] }>(`${this.url}/prices/latest/${symbol}`);
      for (const { exchange, bid, bidSize, ask, askSize } of quotes) {
        found[`${exchange} ${symbol}`] = [bid, bidSize, ask, askSize];
      }
    }
    return found;
  }

  /** Waits until every quote of every venue is fresh. */
  async complete(withinMs = 60_000): Promise<void> {
    for (const until = performance.now() + withinMs; performance.now() < until;) {
      const fresh = (await this.venues()).reduce((sum, { freshQuotes }) => sum + freshQuotes, 0);
      if (fresh === SYMBOLS.length * VENUES.length) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`Not all quotes are there within ${withinMs} ms: ${JSON.stringify(await this.venues())}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end("SIGTERM");
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** How `deno task run` runs the program. */
function startFlags(): string[] {
  const flags = /deno run (.*) main\.ts$/.exec(project.tasks.run.command)![1]!.split(" ");
  return flags.filter((flag) => !flag.startsWith("--allow-write"));
}

interface Quote {
  exchange: string;
  bid: number | null;
  bidSize: number | null;
  ask: number | null;
  askSize: number | null;
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  return await response.json();
}
