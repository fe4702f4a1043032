/**
 * The calls that pools are found and read with, encoded and decoded by hand: a call is the first four bytes of the
 * keccak of its signature and then its arguments, an answer its values, all in words of 32 bytes.
 */
import { bytesOf } from "./hex.ts";

export const SELECTORS = {
  "getPair(address,address)": "0xe6a43905",
  "getPool(address,address,uint24)": "0x1698ee82",
  "token0()": "0x0dfe1681",
  "token1()": "0xd21220a7",
  "fee()": "0xddca3f43",
  "tickSpacing()": "0xd0c93a7c",
  "decimals()": "0x313ce567",
  "getReserves()": "0x0902f1ac",
  "slot0()": "0x3850c7bd",
  "liquidity()": "0x1a686502",
  "tickBitmap(int16)": "0x5339c296",
  "ticks(int24)": "0xf30dba93",
} as const;

type Signature = keyof typeof SELECTORS;

/** A call and what its answer means: undefined where it is not such an answer, as of an address without a contract. */
export interface Call<T> {
  data: string;
  decode(result: unknown): T | undefined;
}

const WORD = 64;
const TWO_TO_256 = 1n << 256n;

/** An address in lower or mixed case with `0x`, or a whole number, which may be negative. */
function word(value: string | number): string {
  if (typeof value === "string") return value.slice(2).toLowerCase().padStart(WORD, "0");
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(WORD, "0");
}

function call<T>(
  signature: Signature,
  args: readonly (string | number)[],
  words: number,
  decode: (words: readonly bigint[]) => T | undefined,
): Call<T> {
  return {
    data: SELECTORS[signature] + args.map(word).join(""),
    decode: (result) => {
      const values = wordsOf(result, words);
      return values === undefined ? undefined : decode(values);
    },
  };
}

/** The first `count` words, unsigned. More may follow: forks append fields. */
function wordsOf(result: unknown, count: number): bigint[] | undefined {
  const bytes = bytesOf(result);
  if (bytes === undefined || bytes.length < 2 + count * WORD) return undefined;
  return Array.from(
    { length: count },
    (_, n) => BigInt(`0x${bytes.slice(2 + n * WORD, 2 + (n + 1) * WORD)}`),
  );
}

/** An unsigned value of at most so many bits. */
function unsigned(value: bigint, bits: number): bigint | undefined {
  return value >> BigInt(bits) === 0n ? value : undefined;
}

/** A signed value, which is sign-extended to the whole word. */
function signed(value: bigint, bits: number): bigint | undefined {
  const number = BigInt.asIntN(bits, value);
  return (number < 0n ? number + TWO_TO_256 : number) === value ? number : undefined;
}

function number(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function address(value: bigint): string | undefined {
  const bits = unsigned(value, 160);
  return bits === undefined ? undefined : `0x${bits.toString(16).padStart(40, "0")}`;
}

const whole = (bits: number) => ([value]: readonly bigint[]) => number(unsigned(value!, bits));

/** Of the factory of v2; the zero address where there is no such pool. */
export function getPair(tokenA: string, tokenB: string): Call<string> {
  return call("getPair(address,address)", [tokenA, tokenB], 1, ([pair]) => address(pair!));
}

/** Of the factory of v3; the zero address where there is no such pool. */
export function getPool(tokenA: string, tokenB: string, feePpm: number): Call<string> {
  return call("getPool(address,address,uint24)", [tokenA, tokenB, feePpm], 1, ([pool]) => address(pool!));
}

export const token0: Call<string> = call("token0()", [], 1, ([token]) => address(token!));
export const token1: Call<string> = call("token1()", [], 1, ([token]) => address(token!));

/** Of the amount that goes in, in millionths. */
export const fee: Call<number> = call("fee()", [], 1, whole(24));
export const tickSpacing: Call<number> = call("tickSpacing()", [], 1, whole(23));
export const decimals: Call<number> = call("decimals()", [], 1, whole(8));

/** Reserves of token 0 and token 1, in their smallest units. */
export const getReserves: Call<[bigint, bigint]> = call("getReserves()", [], 3, ([r0, r1]) => {
  const reserves = [unsigned(r0!, 112), unsigned(r1!, 112)];
  return reserves[0] === undefined || reserves[1] === undefined ? undefined : [reserves[0], reserves[1]];
});

export interface Slot0 {
  /** Zero where the pool was created and never given a price. */
  sqrtPriceX96: bigint;
  tick: number;
}

export const slot0: Call<Slot0> = call("slot0()", [], 2, ([price, index]) => {
  const sqrtPriceX96 = unsigned(price!, 160);
  const tick = number(signed(index!, 24));
  return sqrtPriceX96 === undefined || tick === undefined ? undefined : { sqrtPriceX96, tick };
});

/** In range. */
export const liquidity: Call<bigint> = call("liquidity()", [], 1, ([value]) => unsigned(value!, 128));

/** One bit per tick that may be initialized: bit n of word w is tick (256 w + n) × spacing. */
export function tickBitmap(position: number): Call<bigint> {
  return call("tickBitmap(int16)", [position], 1, ([bits]) => bits);
}

/** Of a tick; both zero where it is not initialized. */
export function ticks(tick: number): Call<{ liquidityGross: bigint; liquidityNet: bigint }> {
  return call("ticks(int24)", [tick], 2, ([gross, net]) => {
    const liquidityGross = unsigned(gross!, 128);
    const liquidityNet = signed(net!, 128);
    if (liquidityGross === undefined || liquidityNet === undefined) return undefined;
    return { liquidityGross, liquidityNet };
  });
}
