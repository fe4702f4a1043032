/** From a log, as a node sends it, to the quote in shared memory and the row in the channel: all but the network. */
import { Quotes } from "../../adapters/venues/_base/quotes.ts";
import { logOf } from "../../adapters/venues/uniswap/chain.ts";
import { Gas } from "../../adapters/venues/uniswap/gas.ts";
import { poolEventOf } from "../../adapters/venues/uniswap/logs.ts";
import { PoolStates } from "../../adapters/venues/uniswap/pool_states.ts";
import type { Protocol } from "../../adapters/venues/uniswap/protocols.ts";
import { ChannelReader, ChannelWriter, newChannel, newWake } from "../../core/app/channel.ts";
import { LadderReader, LadderWriter, newLadders } from "../../core/app/ladders.ts";
import { topOf } from "../../core/domain/pool.ts";
import { newSlots, SlotWriter } from "../../core/stats/slots.ts";
import { head, POOL, type Scene } from "./scenes.ts";

export interface Outcome {
  microsPerQuote: number;
  rows: number;
  blockNumber: number;
  steps: number;
}

/** One block after the other, each with one log of the one pool. */
export function runOurs<S>(protocol: Protocol<S>, scene: Scene<S>, blocks: number): Outcome {
  const cells = { firstCell: 0, cells: 1 };
  const channel = newChannel({ capacity: 1024, wake: newWake(), ...cells });
  const ladders = newLadders(cells);
  const quotes = new Quotes(
    new ChannelWriter(channel),
    new SlotWriter(newSlots({ slotMs: 100, ...cells })),
    0,
    1,
  );
  const [writer, reader, rows] = [
    new LadderWriter(ladders),
    new LadderReader(ladders),
    new ChannelReader(channel),
  ];
  let now = 0;
  const nobody = { call: () => Promise.resolve({ problem: "Nobody is asked", code: null }) };
  const states = new PoolStates(protocol, [POOL], {
    rpc: { batch: () => Promise.resolve([]) },
    gas: new Gas(nobody, { gasUnits: 1, now: () => now, validMs: 1, everyMs: 1 }),
    sink: {
      quote(symbolId, quote) {
        writer.publish(symbolId, quote);
        quotes.top(symbolId, { ...topOf(quote), exchangeTime: quote.blockTime }, now, true);
      },
      withdraw() {},
      stale() {},
      published() {},
      reading() {},
    },
  });
  states.adopt([scene.state]);
  states.publish(head(0));
  let count = 0;
  const drain = () => rows.drain(Infinity, () => count++);
  drain();
  count = 0;
  const before = performance.now();
  for (let n = 1; n <= blocks; n++) {
    now += 12_000;
    const log = logOf(scene.logs[n % scene.logs.length]!)!;
    const problem = states.apply([log]);
    if (problem !== undefined) throw new Error(problem.problem);
    states.publish(head(n));
    if (n % 512 === 0) drain();
  }
  const micros = (performance.now() - before) * 1000;
  drain();
  const pool = reader.pool(0)!;
  const steps = pool.buy.length + pool.sell.length;
  return { microsPerQuote: micros / blocks, rows: count, blockNumber: pool.blockNumber, steps };
}

/** What our decoding of topics and data takes, and what it came to. */
export function decodeOurs<S>(scene: Scene<S>, rounds: number): { micros: number; sum: bigint } {
  const logs = scene.logs.map((log) => logOf(log)!);
  let sum = 0n;
  const before = performance.now();
  for (let n = 0; n < rounds; n++) {
    const event = poolEventOf(logs[n % logs.length]!);
    if (event.kind === "v2_sync") sum += event.reserve0 - event.reserve1;
    else if (event.kind === "v3_swap") sum += event.amount1 + event.sqrtPriceX96 + BigInt(event.tick);
    else throw new Error(`A log is read as ${event.kind}`);
  }
  return { micros: (performance.now() - before) * 1000 / rounds, sum };
}
