/** emulated.yaml itself, with its ports exchanged for those that are free here. */
import assert from "node:assert/strict";
import { parse as parseYaml } from "yaml";
import type { Exchanges } from "./exchanges.ts";
import { ROOT } from "./process.ts";
import type { Config } from "./program.ts";

const BASE_PORT = 40200;
const OFFSETS = { bybit: 1, okx: 2, gateio: 3, kraken: 4, chain: 5 };

/** Of emulated.yaml as much as the tests look at. */
export interface EmulatedConfig extends Config {
  symbols: string[];
  venues: Record<string, Record<string, unknown>>;
  chains: Record<string, { tokens: Record<string, string> }>;
}

/** Without a chain its venues are left out. */
export function emulatedConfig({ ports }: Pick<Exchanges, "ports">): EmulatedConfig {
  let text = Deno.readTextFileSync(new URL("emulated.yaml", ROOT));
  for (const [name, offset] of Object.entries(OFFSETS)) {
    const from = `127.0.0.1:${BASE_PORT + offset}`;
    assert.ok(text.includes(from), `emulated.yaml leads to ${name} at ${from}`);
    if (ports[name] !== undefined) text = text.replaceAll(from, `127.0.0.1:${ports[name]}`);
  }
  const config = parseYaml(text);
  config.venues.ndjson.sources = {
    exchange1: `127.0.0.1:${ports.exchange1}`,
    exchange2: `127.0.0.1:${ports.exchange2}`,
    exchange3: `127.0.0.1:${ports.exchange3}`,
  };
  if (ports.chain === undefined) {
    config.venues["uniswap-v2"].enabled = config.venues["uniswap-v3"].enabled = false;
  }
  return config;
}

/**
 * Sources without a heartbeat fall silent where the market stands still, and with their prices that of gas
 * would move.
 */
export function withoutSources(config: EmulatedConfig): EmulatedConfig {
  return { ...config, venues: { ...config.venues, ndjson: { enabled: false } } };
}

/** What config.yaml says that a swap takes; emulated.yaml leaves that alone. */
export function gasUnitsOf(venue: string): number {
  return parseYaml(Deno.readTextFileSync(new URL("config.yaml", ROOT))).venues[venue].gasUnits;
}
