/** The same logs decoded by viem, as most programs that follow a pool do. */
import { decodeEventLog, parseAbi } from "../../emulator/chain/packages/viem.ts";
import type { Scene } from "./scenes.ts";

const ABI = parseAbi([
  "event Sync(uint112 reserve0, uint112 reserve1)",
  "event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)",
]);

export function decodeViem<S>({ logs }: Scene<S>, rounds: number): { micros: number; sum: bigint } {
  let sum = 0n;
  const before = performance.now();
  for (let n = 0; n < rounds; n++) {
    const { topics, data } = logs[n % logs.length] as { topics: [`0x${string}`]; data: `0x${string}` };
    const event = decodeEventLog({ abi: ABI, topics, data });
    if (event.eventName === "Sync") sum += event.args!.reserve0 - event.args!.reserve1;
    else sum += event.args!.amount1 + event.args!.sqrtPriceX96 + BigInt(event.args!.tick);
  }
  return { micros: (performance.now() - before) * 1000 / rounds, sum };
}
