/** What the emulator and the worker that makes the blocks of its chain say to each other. */
import type { Binary } from "./find_anvil.ts";
import type { BlockReport } from "./maker.ts";

export interface Run {
  /** Of a node with an empty chain. */
  url: string;
  seed: number;
  blockMs: number;
  /** See `Clock`. */
  clock: SharedArrayBuffer;
}

/** What the emulator asks; each is answered once. A block that is under way is finished first. */
export type Ask =
  | { kind: "find" }
  | { kind: "run"; run: Run }
  | { kind: "settle" }
  | { kind: "reorg"; depth: number };

export interface Answers {
  find: Binary;
  run: Made;
  settle: null;
  reorg: null;
}

/** What stands on the chain; addresses are the same on every new chain. */
export interface Made {
  factories: { v2: string; v3: string };
  /** `UniswapV2Router02`, `SwapRouter` and `QuoterV2`: for who wants to trade by hand. */
  routers: { v2: string; v3: string };
  quoter: string;
  /** Its number: in the blocks up to it all of this was made. */
  madeInBlock: number;
  tokens: Record<string, string>;
}

export type ToWorker = { id: number; ask: Ask };

export type FromWorker =
  | { kind: "answer"; id: number; answer: unknown }
  | { kind: "refusal"; id: number; why: string }
  | { kind: "block"; report: BlockReport }
  /** A block could not be made; the next one is tried. */
  | { kind: "trouble"; why: string };

/** The step of the emulated market, and whether it is frozen, in shared memory. */
export class Clock {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  set(step: number, frozen: boolean): void {
    Atomics.store(this.#cells, 0, step);
    Atomics.store(this.#cells, 1, frozen ? 1 : 0);
  }
  get step(): number {
    return Atomics.load(this.#cells, 0);
  }
  get frozen(): boolean {
    return Atomics.load(this.#cells, 1) === 1;
  }
}
