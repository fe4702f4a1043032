/**
 * The worker that makes the chain: it deploys the contracts and then makes a block every so often. What it
 * needs to speak to contracts is loaded with it, and holds up no exchange.
 */
import { Chain } from "./chain.ts";
import { findAnvil } from "./find_anvil.ts";
import { Maker } from "./maker.ts";
import {
  type Answers,
  type Ask,
  Clock,
  type FromWorker,
  type Made,
  type Run,
  type ToWorker,
} from "./messages.ts";
import { Targets } from "./plan.ts";
import { makePools } from "./pools.ts";
import { fundTrader } from "./trader.ts";
import { Uniswap } from "./uniswap.ts";

/** A node that stands still is given up on after this time, and asked again for the next block. */
const CALL_TIMEOUT_MS = 10_000;

const self = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};

let chain: Chain | undefined;
/** One thing at a time happens on the chain. */
let last: Promise<unknown> = Promise.resolve();

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.catch(() => {});
  return result;
}

self.onmessage = ({ data: { id, ask } }) => {
  answer(ask).then(
    (answer) => self.postMessage({ kind: "answer", id, answer }),
    (error) => self.postMessage({ kind: "refusal", id, why: briefly(error) }),
  );
};

async function answer(ask: Ask): Promise<Answers[Ask["kind"]]> {
  if (ask.kind === "find") return await findAnvil();
  if (ask.kind === "run") return await inTurn(() => begin(ask.run));
  if (ask.kind === "reorg") await inTurn(async () => await chain?.reorg(ask.depth));
  else await last;
  return null;
}

async function begin({ url, seed, blockMs, clock: memory }: Run): Promise<Made> {
  const clock = new Clock(memory);
  chain = await Chain.connect(url, CALL_TIMEOUT_MS);
  const uniswap = await Uniswap.deploy(chain);
  const targets = new Targets(seed);
  targets.step(clock.step);
  const pools = await makePools(uniswap, targets);
  await fundTrader(uniswap);
  const madeInBlock = Number(await chain.blockNumber());
  const maker = new Maker(uniswap, pools, targets, seed);
  await maker.begin(clock.step);
  void makeBlocks(maker, clock, blockMs);
  return {
    factories: { v2: uniswap.v2Factory.address, v3: uniswap.v3Factory.address },
    routers: { v2: uniswap.v2Router.address, v3: uniswap.router.address },
    quoter: uniswap.quoter.address,
    madeInBlock,
    tokens: Object.fromEntries([...uniswap.tokens].map(([symbol, { address }]) => [symbol, address])),
  };
}

/** Until the worker ends. */
async function makeBlocks(maker: Maker, clock: Clock, blockMs: number): Promise<void> {
  for (let due = performance.now();; due = Math.max(due + blockMs, performance.now())) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    try {
      const report = await inTurn(() => maker.block(clock.step, clock.frozen, Date.now()));
      self.postMessage({ kind: "block", report });
    } catch (error) {
      self.postMessage({ kind: "trouble", why: briefly(error) });
    }
  }
}

/** Errors of viem repeat the whole request. */
function briefly(error: unknown): string {
  const { shortMessage, message = String(error) } = error as { shortMessage?: string; message?: string };
  return (shortMessage ?? message).split("\n")[0]!;
}
