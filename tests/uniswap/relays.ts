/** For tests of nodes: a chain with a pair of v2, and relays that stand between its node and the program. */
import type { PoolsSpec } from "../../core/ports/workers.ts";
import { Uniswap } from "../../emulator/chain/uniswap.ts";
import { Chain } from "./chain.ts";
import { Relay } from "./relay.ts";
import { poolsSpec, type RunningPools } from "./running.ts";

export const SYMBOL = "ETH-USDC";

/** A chain with a pair of v2, and relays to its node. */
export async function withRelays(
  count: number,
  run: (chain: Chain, uniswap: Uniswap, relays: Relay[], spec: PoolsSpec) => Promise<void>,
  timestamp = Math.floor(Date.now() / 1000),
): Promise<void> {
  await using chain = await Chain.start(["--accounts", "1", "--timestamp", String(timestamp)]);
  const uniswap = await Uniswap.deploy(chain);
  await uniswap.createV2("WETH", 10n ** 20n, "USDC", 3n * 10n ** 11n);
  const relays = Array.from({ length: count }, () => new Relay(chain.anvil));
  try {
    const wsUrls = relays.map(({ wsUrl }) => wsUrl);
    const httpUrls = relays.map(({ url }) => url);
    await run(chain, uniswap, relays, poolsSpec(chain, uniswap, "v2", { wsUrls, httpUrls }));
  } finally {
    for (const relay of relays) await relay[Symbol.asyncDispose]();
  }
}

/** What was logged with this message. */
export const said = ({ logs }: RunningPools, message: string) =>
  logs.filter((one) => one.message === message).map(({ fields }) => JSON.stringify(fields));

/** As a node answers. */
export const error = (code: number, message: string) => ({ error: { code, message } });
