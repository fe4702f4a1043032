/** The emulated exchanges as a process of their own, on free ports. */
import assert from "node:assert/strict";
import { Process } from "./process.ts";

export const VENUES = ["bybit", "okx", "gateio", "kraken"] as const;
export type VenueId = typeof VENUES[number];

/** As much of an endpoint's state as the tests look at. */
export interface EndpointState {
  listening: boolean;
  clients: number;
  topics: number;
  connections: number;
  framesSent: number;
}

export interface Exchanges extends AsyncDisposable {
  readonly process: Process;
  readonly ports: Readonly<Record<string, number>>;
  /** What the control endpoint answers, which must be with 200. */
  control<T = Record<string, unknown>>(method: "GET" | "POST", path: string): Promise<T>;
  /** Makes a venue misbehave, for example `silence` or `refuse?seconds=2`. */
  fault(venue: string, fault: string): Promise<Record<string, unknown>>;
  /** By venue and source. */
  state(): Promise<Record<string, EndpointState>>;
}

const FLAGS = ["--allow-net=127.0.0.1", "--allow-read"];

/** Without a chain. */
export function startExchanges(...args: string[]): Promise<Exchanges> {
  return start(FLAGS, ["--chain", "off", ...args]);
}

/** As `deno task exchanges` starts them. Resolves when the chain runs; fails where there is none. */
export async function startExchangesWithChain(...args: string[]): Promise<Exchanges> {
  const flags = ["--no-config", "--lock=emulator/deno.lock", "--allow-run=sh", ...FLAGS];
  const exchanges = await start(flags, args);
  try {
    const line = await exchanges.process.line(
      "what became of the chain",
      (text) => text.startsWith('{"chain"'),
    );
    assert.equal(JSON.parse(line).chain.phase, "running", line);
    return exchanges;
  } catch (error) {
    await exchanges[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(flags: readonly string[], args: readonly string[]): Promise<Exchanges> {
  const process = Process.run(flags, "emulator/main.ts", ["--base-port", "0", "--json", ...args], {});
  try {
    const { ports } = JSON.parse(await process.line("that it is ready", (line) => line.startsWith("{")));
    const control = async (method: string, path: string) => {
      const response = await fetch(`http://127.0.0.1:${ports.control}${path}`, { method });
      const body = await response.json();
      assert.equal(response.status, 200, JSON.stringify(body));
      return body;
    };
    return {
      process,
      ports,
      control,
      fault: (venue, fault) => control("POST", `/${venue}/${fault}`),
      state: async () => (await control("GET", "/")).venues,
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** The part of a configuration that leads the program to these exchanges. */
export function venuesOf({ ports }: Exchanges, ndjson = false): Record<string, unknown> {
  const at = (id: VenueId, path: string) => ({
    wsUrl: `ws://127.0.0.1:${ports[id]}${path}`,
    restUrl: `http://127.0.0.1:${ports[id]}`,
  });
  const source = (id: string) => `127.0.0.1:${ports[id]}`;
  return {
    bybit: at("bybit", "/v5/public/spot"),
    okx: at("okx", "/ws/v5/public"),
    gateio: at("gateio", "/ws/v4/"),
    kraken: at("kraken", "/v2"),
    ndjson: {
      enabled: ndjson,
      sources: {
        exchange1: source("exchange1"),
        exchange2: source("exchange2"),
        exchange3: source("exchange3"),
      },
    },
    // They have no chain.
    "uniswap-v2": { enabled: false },
    "uniswap-v3": { enabled: false },
  };
}
