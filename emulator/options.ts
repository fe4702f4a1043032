/** The command line of the exchanges. */
import { parseArgs } from "node:util";
import { isCanonicalSymbol } from "../core/domain/symbol.ts";

export type VenueId = "bybit" | "okx" | "gateio" | "kraken";

const VENUE_IDS: readonly string[] = ["bybit", "okx", "gateio", "kraken"];
const DEFAULT_BASE_PORT = 40200;
const DEFAULT_BLOCK_MS = 2000;
/** Times of blocks are in whole seconds. */
const BLOCK_MS = { least: 1_000, most: 60_000 };
/** Distance of each port from the base. */
const OFFSETS: Readonly<Record<string, number>> = {
  control: 0,
  bybit: 1,
  okx: 2,
  gateio: 3,
  kraken: 4,
  chain: 5,
  exchange1: -99,
  exchange2: -98,
  exchange3: -97,
};

/** The last two are for the pools: they have WBTC, which is not BTC, and pay in USDC, too. */
const SYMBOLS =
  "BTC-USDT,ETH-USDT,SOL-USDT,XRP-USDT,DOGE-USDT,TON-USDT,ADA-USDT,LTC-USDT,LINK-USDT,AVAX-USDT,WBTC-USDT,ETH-USDC";

export interface Options {
  seed: number;
  /** Canonical. */
  symbols: readonly string[];
  /** Changes per second over all venues and symbols; undefined for the market's own pace. */
  rate: number | undefined;
  /** By name; 0 takes a free port. */
  ports: Readonly<Record<string, number>>;
  /** File by venue. */
  replay: Readonly<Partial<Record<VenueId, string>>>;
  /** 1: recorded pace, N: N times as fast, 0: as fast as possible. */
  speed: number;
  /** Whether there is to be a chain with pools. */
  chain: boolean;
  blockMs: number;
  /** The binary of its node; undefined for that of npm. */
  anvil: string | undefined;
  json: boolean;
  help: boolean;
}

export const HELP = `Emulated exchanges on loopback: Bybit, OKX, Gate, Kraken, three NDJSON sources, and a
chain with pools of Uniswap v2 and v3.

  --seed N             the market; the same seed is the same market (default 1)
  --symbols A-B,C-D    what is listed (default ${SYMBOLS.split(",").slice(0, 3).join(",")}, … twelve)
  --rate N             changes per second over all venues and symbols; one topic per
                       instrument brings as many frames (default: the market's own, about 300)
  --base-port N        control at N, venues from N+1, chain at N+5, sources from N-99
                       (default ${DEFAULT_BASE_PORT}); 0 takes free ports
  --ports NAME=N,…     single ports: ${Object.keys(OFFSETS).join(", ")}
  --replay VENUE=FILE,…  play recorded frames, one a line, instead of the market
  --speed N            of a replay: 1 recorded pace (default), N times, 0 as fast as possible
  --chain on|off       whether there is a chain with pools (default on)
  --block-ms N         a block every so often (default ${DEFAULT_BLOCK_MS})
  --anvil FILE         the binary of its node (default: the one in npm, for Linux on x86-64)
  --json               one line of JSON when ready: {"ready":true,"ports":{…}}; another
                       when the chain is, or is not to be had: {"chain":{"phase":"running",…}}
  --help

Control: GET http://127.0.0.1:${DEFAULT_BASE_PORT}/ shows the state and lists the faults.`;

/** The options, or everything that is wrong with the arguments. */
export function parseOptions(args: readonly string[]): { options: Options } | { problems: string[] } {
  const problems: string[] = [];
  const text = { type: "string" } as const;
  const { values, tokens } = parseArgs({
    args: [...args],
    strict: false,
    tokens: true,
    options: {
      seed: text,
      symbols: text,
      rate: text,
      "base-port": text,
      ports: text,
      replay: text,
      speed: text,
      chain: text,
      "block-ms": text,
      anvil: text,
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const known = [
    ...["seed", "symbols", "rate", "base-port", "ports", "replay", "speed"],
    ...["chain", "block-ms", "anvil", "json", "help"],
  ];
  for (const token of tokens) {
    if (token.kind === "positional") problems.push(`Argument ${token.value} is not expected, see --help`);
    else if (token.kind === "option" && !known.includes(token.name)) {
      problems.push(`${token.rawName} is not known, use one of --${known.join(", --")}`);
    } else if (
      token.kind === "option" && token.name !== "json" && token.name !== "help" && token.value === undefined
    ) {
      problems.push(`${token.rawName} needs a value`);
    }
  }
  const of = (name: keyof typeof values) =>
    typeof values[name] === "string" ? values[name] as string : undefined;

  const number = (name: keyof typeof values, allowed: string, fits: (value: number) => boolean) => {
    const value = of(name);
    if (value === undefined) return undefined;
    if (value.trim() !== "" && fits(Number(value))) return Number(value);
    problems.push(`--${String(name)} ${value} is not ${allowed}`);
    return undefined;
  };
  const seed = number("seed", "an integer", Number.isSafeInteger) ?? 1;
  const rate = number("rate", "a number from 1 to 1000000", (value) => value >= 1 && value <= 1e6);
  const speed = number("speed", "a number from 0 up", (value) => value >= 0 && value < Infinity) ?? 1;
  const base = number(
    "base-port",
    "0 or a port from 100 to 65531",
    (value) => value === 0 || (Number.isInteger(value) && value >= 100 && value <= 65_531),
  ) ?? DEFAULT_BASE_PORT;

  const blockMs = number(
    "block-ms",
    `a whole number from ${BLOCK_MS.least} to ${BLOCK_MS.most}`,
    (value) => Number.isInteger(value) && value >= BLOCK_MS.least && value <= BLOCK_MS.most,
  ) ?? DEFAULT_BLOCK_MS;
  const chain = of("chain") ?? "on";
  if (chain !== "on" && chain !== "off") problems.push(`--chain ${chain} is neither on nor off`);

  const symbols = (of("symbols") ?? SYMBOLS).split(",").map((symbol) => symbol.trim());
  for (const symbol of symbols) {
    if (!isCanonicalSymbol(symbol)) problems.push(`--symbols ${symbol} is not a symbol like BTC-USDT`);
  }
  if (new Set(symbols).size < symbols.length) problems.push("--symbols names a symbol twice");

  const ports = Object.fromEntries(
    Object.entries(OFFSETS).map(([name, offset]) => [name, base === 0 ? 0 : base + offset]),
  );
  for (const [name, value] of pairs("ports", of("ports"), Object.keys(OFFSETS), problems)) {
    const port = Number(value);
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) ports[name] = port;
    else problems.push(`--ports ${name}=${value} is not a port from 0 to 65535`);
  }
  const replay = Object.fromEntries(pairs("replay", of("replay"), VENUE_IDS, problems));
  if (problems.length > 0) return { problems };
  const { json = false, help = false } = values as { json?: boolean; help?: boolean };
  return {
    options: {
      ...{ seed, symbols, rate, ports, replay, speed, json, help },
      ...{ chain: chain === "on", blockMs, anvil: of("anvil") },
    },
  };
}

/** `NAME=VALUE,…` with names out of a list. */
function pairs(flag: string, text: string | undefined, names: readonly string[], problems: string[]) {
  const found: [string, string][] = [];
  for (const part of text?.split(",") ?? []) {
    const at = part.indexOf("=");
    const [name, value] = [part.slice(0, at), part.slice(at + 1)];
    if (at < 1 || value === "") problems.push(`--${flag} ${part} is not NAME=VALUE`);
    else if (!names.includes(name)) {
      problems.push(`--${flag} ${name} is not known, use one of ${names.join(", ")}`);
    } else found.push([name, value]);
  }
  return found;
}
