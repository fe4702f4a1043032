/** Somebody with some of every token, for who wants to trade on the emulated chain by hand. */
import type { Contract, Hex } from "./chain.ts";
import { unitsOf } from "./amounts.ts";
import type { Uniswap } from "./uniswap.ts";

const HAS: Readonly<Record<string, number>> = { WETH: 1_000, USDC: 3_000_000, USDT: 3_000_000, WBTC: 50 };

/**
 * The second account of the node, as it knows the key of: it may sign, and may spend what it has through the
 * routers.
 */
export async function fundTrader(uniswap: Uniswap): Promise<void> {
  const { chain, router, v2Router } = uniswap;
  const trader = (await chain.client.getAddresses())[1];
  if (trader === undefined) return;
  for (const [symbol, amount] of Object.entries(HAS)) {
    const token = uniswap.token(symbol);
    await chain.send(token, "transfer", [trader, unitsOf(amount, token)]);
    for (const spender of [router, v2Router]) await approve(uniswap, token, trader, spender);
  }
}

async function approve({ chain }: Uniswap, token: Contract, owner: Hex, spender: Contract): Promise<void> {
  await chain.send(token, "approve", [spender.address, 2n ** 256n - 1n], owner);
}
