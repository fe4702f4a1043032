/**
 * Finds the pools of a venue: asks its factory for each pair of tokens that makes a symbol, and the pools and
 * tokens themselves for everything else. What a contract calls itself is never asked; which asset it is
 * stands in the settings.
 */
import type { PoolsSpec } from "../../../core/ports/workers.ts";
import { type Call, decimals, fee, getPair, getPool, tickSpacing, token0, token1 } from "./calls.ts";
import type { PoolIdentity } from "./pool.ts";
import { isRevert } from "./rpc.ts";
import type { BatchReader } from "./snapshot.ts";

/** A pool, and what it quotes. */
export interface FoundPool extends PoolIdentity {
  /** 0 for v2. */
  tickSpacing: number;
  markets: readonly Market[];
}

export interface Market {
  /** Of the symbol, in the order of the specification. */
  symbolId: number;
  /** Token 0 is the base; where not, the pool is seen from its other side. */
  baseIsToken0: boolean;
}

export interface Discovery {
  pools: FoundPool[];
  /** Addresses of the settings, and pools of the factory, that cannot be used, and why. */
  refused: { address: string; reason: string }[];
}

/** Two tokens, in the order of their addresses, that make one symbol or two. */
interface Pair {
  tokens: readonly [string, string];
  markets: Market[];
}

const NONE = `0x${"0".repeat(40)}`;

/** All of it, or why it cannot be had. */
export async function discoverPools(
  rpc: BatchReader,
  spec: PoolsSpec,
  symbols: readonly string[],
): Promise<Discovery | { problem: string }> {
  const asker = new Asker(rpc);
  try {
    const pairs = pairsOf(spec, symbols);
    const known = await inFactory(asker, spec, pairs);
    const wanted = known.filter(({ address }) =>
      spec.addresses.length === 0 || spec.addresses.includes(address)
    );
    const missing = spec.addresses.filter((one) => !known.some(({ address }) => address === one));
    const refused = await Promise.all(missing.map(async (address) => ({
      address,
      reason: await reasonOf(asker, spec, address),
    })));
    const { pools, silent } = await described(asker, spec, wanted);
    return { pools, refused: [...refused, ...silent] };
  } catch (error) {
    if (error instanceof Unanswered) return { problem: error.message };
    throw error;
  }
}

function pairsOf({ tokens }: PoolsSpec, symbols: readonly string[]): Pair[] {
  const pairs = new Map<string, Pair>();
  for (const [symbolId, symbol] of symbols.entries()) {
    const [base, quote] = symbol.split("-").map((asset) =>
      Object.hasOwn(tokens, asset) ? tokens[asset] : undefined
    );
    if (base === undefined || quote === undefined || base === quote) continue;
    // Fixed length and lower case: the order of the text is that of the numbers.
    const baseIsToken0 = base < quote;
    const both = baseIsToken0 ? [base, quote] as const : [quote, base] as const;
    const pair = pairs.get(both.join()) ?? { tokens: both, markets: [] };
    pair.markets.push({ symbolId, baseIsToken0 });
    pairs.set(both.join(), pair);
  }
  return [...pairs.values()];
}

interface Known {
  address: string;
  pair: Pair;
  feePpm: number;
}

async function inFactory(asker: Asker, spec: PoolsSpec, pairs: readonly Pair[]): Promise<Known[]> {
  const asked = pairs.flatMap((pair) => spec.feesPpm.map((feePpm) => ({ pair, feePpm })));
  const answers = await asker.ask(asked.map(({ pair, feePpm }) =>
    [
      spec.factory,
      lookUp(spec, pair.tokens[0], pair.tokens[1], feePpm),
    ] as const
  ));
  const known = answers.flatMap((address, n) => {
    if (address === undefined) {
      throw new Unanswered(`${spec.factory} on chain ${spec.chainId} does not answer as a factory does`);
    }
    return address === NONE ? [] : [{ address, ...asked[n]! }];
  });
  // A pool that stood here twice would be moved once and quoted twice.
  return [...new Map(known.map((one) => [one.address, one])).values()];
}

function lookUp({ protocol }: PoolsSpec, a: string, b: string, feePpm: number): Call<string> {
  return protocol === "v2" ? getPair(a, b) : getPool(a, b, feePpm);
}

/** What the pools and tokens say of themselves; a pool that contradicts its factory is an error of the node. */
async function described(
  asker: Asker,
  spec: PoolsSpec,
  known: readonly Known[],
): Promise<{ pools: FoundPool[]; silent: Discovery["refused"] }> {
  const isV3 = spec.protocol === "v3";
  const each = <T>(call: Call<T>) => asker.ask(known.map(({ address }) => [address, call] as const));
  const tokens = [...new Set(known.flatMap(({ pair }) => pair.tokens))];
  const [tokens0, tokens1, fees, spacings, tokenDecimals] = await Promise.all([
    each(token0),
    each(token1),
    isV3 ? each(fee) : [],
    isV3 ? each(tickSpacing) : [],
    asker.ask(tokens.map((token) => [token, decimals] as const)),
  ]);
  const decimalsOf = new Map(tokens.map((token, n) => [token, tokenDecimals[n]]));
  const silent: Discovery["refused"] = [];
  const pools = known.flatMap(({ address, pair, feePpm }, n): FoundPool[] => {
    const [a, b] = pair.tokens;
    const spacing = isV3 ? spacings[n] : 0;
    const agrees = tokens0[n] === a && tokens1[n] === b && (!isV3 || fees[n] === feePpm);
    if (!agrees || spacing === undefined || (isV3 && spacing < 1)) {
      throw new Unanswered(`Pool ${address} is not what its factory says that it is`);
    }
    const [of0, of1] = [decimalsOf.get(a), decimalsOf.get(b)];
    if (of0 === undefined || of1 === undefined) {
      const reason = `Token ${of0 === undefined ? a : b} does not tell its decimals`;
      silent.push({ address, reason });
      return [];
    }
    const both = { token0: { address: a, decimals: of0 }, token1: { address: b, decimals: of1 } };
    return [{ chainId: spec.chainId, address, ...both, feePpm, tickSpacing: spacing, markets: pair.markets }];
  });
  return { pools, silent };
}

/** Why an address of the settings is not among the pools that were found. */
async function reasonOf(asker: Asker, spec: PoolsSpec, address: string): Promise<string> {
  const isV3 = spec.protocol === "v3";
  const [a, b] = await asker.ask([[address, token0], [address, token1]]);
  const [feePpm] = isV3 ? await asker.ask([[address, fee]]) : [spec.feesPpm[0]!];
  if (a === undefined || b === undefined || feePpm === undefined) {
    return `There is no pool of ${spec.protocol} at this address`;
  }
  const [own] = await asker.ask([[spec.factory, lookUp(spec, a, b, feePpm)]]);
  if (own !== address) return `The factory ${spec.factory} does not know this pool`;
  if (!spec.feesPpm.includes(feePpm)) return `Its fee of ${feePpm} ppm is not among feesPpm`;
  const assets = [a, b].map((token) =>
    Object.keys(spec.tokens).find((asset) => spec.tokens[asset] === token)
  );
  const unknown = [a, b].filter((_, n) => assets[n] === undefined);
  if (unknown.length > 0) {
    return `Its tokens are not in the table of chain ${spec.chainId}: ${unknown.join()}`;
  }
  return `No symbol is made of its assets, ${assets.join(" and ")}`;
}

/** Ends the search; never leaves this file. */
class Unanswered extends Error {}

class Asker {
  readonly #rpc: BatchReader;

  constructor(rpc: BatchReader) {
    this.#rpc = rpc;
  }

  /** Undefined where the contract, if there is one, does not know the call. Throws where no node answers. */
  async ask<T>(calls: readonly (readonly [address: string, call: Call<T>])[]): Promise<(T | undefined)[]> {
    const outcomes = await this.#rpc.batch(calls.map(([to, { data }]) => ({
      method: "eth_call",
      params: [{ to, data }, "latest"],
    })));
    return calls.map(([, { decode }], n) => {
      const outcome = outcomes[n]!;
      if ("result" in outcome) return decode(outcome.result);
      if (isRevert(outcome)) return undefined;
      throw new Unanswered(outcome.problem);
    });
  }
}
