/** Settings of chains, and of venues whose quotes are those of pools on them. */
import { z } from "zod";
import { areDistinct, flag, number, section, text, urls, whole } from "./fields.ts";

const contractWords = "a contract's address in quotes, 0x and 40 hexadecimal digits";
const contract = z.string({ error: contractWords })
  .regex(/^0x[0-9a-f]{40}$/i, { error: contractWords });

const assetWords = "an asset as symbols name it, in upper case, for example ETH";
const isAsset = (name: string) => /^[^\s\-_/:.]+$/u.test(name) && name === name.toUpperCase();
const asset = z.string({ error: assetWords }).refine(isAsset, { error: assetWords });

const oneAsset = "each contract for one asset only";

/** The case of an address is a checksum and no part of it. */
const inLowerCase = (addresses: readonly unknown[]) => addresses.map((one) => String(one).toLowerCase());

const chain = section({
  nativeAsset: asset,
  blockMs: whole(50, 3_600_000),
  tokens: z.record(asset, contract, { error: "a contract's address by asset" })
    .refine((tokens) => areDistinct(inLowerCase(Object.values(tokens))), { error: oneAsset }),
});

const chainIdWords = "the number of a chain, for example 1";

export const chains = z.record(
  z.string().regex(/^[1-9]\d{0,14}$/, { error: chainIdWords }),
  chain,
  { error: "chains by number, as in config.yaml" },
);

const feeWords = "a list of fees in millionths, for example [500, 3000]";

export const poolVenue = section({
  enabled: flag,
  protocol: z.enum(["v2", "v3"], { error: "v2 or v3" }),
  chainId: whole(1, 999_999_999_999_999),
  wsUrl: urls("ws:", "wss:"),
  httpUrl: urls("http:", "https:"),
  factory: contract,
  feesPpm: z.array(whole(1, 999_999), { error: feeWords }).min(1, { error: feeWords })
    .refine(areDistinct, { error: "each fee once" }),
  gasUnits: number(0, 100_000_000),
  pools: z.array(contract, { error: "a list of contracts' addresses" })
    .refine((list) => areDistinct(inLowerCase(list)), { error: "each address once" }),
});

export type PoolVenue = z.infer<typeof poolVenue>;

/** The venues of pools that have defaults. */
export const poolVenues = {
  "uniswap-v2": poolVenue,
  "uniswap-v3": poolVenue,
  "uniswap-v3-base": poolVenue,
  "uniswap-v3-arbitrum": poolVenue,
  "uniswap-v3-optimism": poolVenue,
  "pancakeswap-v2": poolVenue,
  "pancakeswap-v3": poolVenue,
};

/** What is wrong with venues of pools where each setting by itself is not, with its path. */
export function poolProblems(
  venues: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>>,
): { path: string[]; message: string }[] {
  return Object.entries(venues).flatMap(([id, venue]) => {
    if (!isPoolVenue(venue)) return [];
    const { chainId, protocol, feesPpm } = venue;
    const problems: { path: string[]; message: string }[] = [];
    const say = (key: string, message: string) => problems.push({ path: ["venues", id, key], message });
    if (!Object.hasOwn(known, String(chainId))) {
      say("chainId", `There is no chain ${chainId}: describe it in chains.${chainId}, as in config.yaml`);
    }
    if (protocol === "v2" && feesPpm.length !== 1) {
      say("feesPpm", "Pools of v2 have one fee, and do not tell it: write exactly one");
    }
    return problems;
  });
}

export function isPoolVenue(venue: unknown): venue is PoolVenue {
  return typeof venue === "object" && venue !== null && "protocol" in venue;
}

const venueIdWords = "a name of lower-case letters, digits, - _ .";
export const venueId = text(venueIdWords).regex(/^[a-z0-9][a-z0-9_.-]*$/, { error: venueIdWords });
