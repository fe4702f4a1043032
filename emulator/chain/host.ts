/**
 * The emulated chain as the emulator has it: a node, and a worker that makes its blocks. Neither holds up an
 * exchange.
 */
import { PortTaken } from "../endpoint.ts";
import { freePort } from "../free_port.ts";
import { Anvil, BLOCK_GAS } from "./anvil.ts";
import type { BlockReport } from "./maker.ts";
import { Clock, type Made } from "./messages.ts";
import { MakerWorker } from "./maker_worker.ts";

export interface ChainOptions {
  seed: number;
  blockMs: number;
  /** 0 takes a free one. */
  port: number;
  /** Another binary than that of npm. */
  anvil: string | undefined;
}

/** `none`: it could not be started, or has ended of itself. */
export type Phase = "starting" | "running" | "stopped" | "none";

export const CHAIN_ID = 31_337;
/**
 * What the node is started with. It has the rules of before the price of gas moved by itself: with a base fee the node
 * would ask for another price between a block and our next word, and who reads it at the head would see it flicker.
 */
export const NODE_ARGS: readonly string[] = [
  ...["--chain-id", String(CHAIN_ID), "--hardfork", "berlin", "--gas-limit", String(BLOCK_GAS)],
  // The maker, and a trader.
  ...["--accounts", "2", "--order", "fifo"],
];

export class EmulatedChain {
  readonly port: number;
  readonly #options: ChainOptions;
  readonly #say: (line: string) => void;
  readonly #clock = new Clock();
  #phase: Phase = "stopped";
  #why: string | undefined;
  #silent = false;
  #anvil: Anvil | undefined;
  #worker: MakerWorker | undefined;
  #made: Made | undefined;
  #report: BlockReport | undefined;
  #trouble: string | undefined;
  /** A start that is overtaken by a stop leaves things alone. */
  #attempt = 0;

  /** `say` gets a line when something happens by itself. */
  constructor(options: ChainOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
    this.port = options.port === 0 ? freePort() : options.port;
  }

  get phase(): Phase {
    return this.#phase;
  }
  /** Why there is none. */
  get why(): string | undefined {
    return this.#why;
  }

  /** A new chain. Resolves when it runs, or when it is known why it does not; never throws. */
  async start(): Promise<void> {
    if (this.#phase === "starting" || this.#phase === "running") return;
    const attempt = ++this.#attempt;
    this.#phase = "starting";
    [this.#why, this.#report, this.#trouble, this.#silent] = [undefined, undefined, undefined, false];
    try {
      const made = await this.#begin(() => attempt !== this.#attempt);
      if (made === undefined) return;
      this.#made = made;
      this.#phase = "running";
    } catch (error) {
      if (attempt === this.#attempt) await this.#give((error as Error).message);
    }
  }

  async #begin(overtaken: () => boolean): Promise<Made | undefined> {
    const permission = await Deno.permissions.query({ name: "run", command: "sh" });
    if (permission.state !== "granted") throw new Error("It needs --allow-run=sh");
    checkPort(this.port);
    const worker = new MakerWorker({
      block: (report) => [this.#report, this.#trouble] = [report, undefined],
      trouble: (why) => this.#complain(why),
      failed: (why) => void this.#give(why),
    });
    this.#worker = worker;
    const found = this.#options.anvil === undefined
      ? await worker.ask({ kind: "find" })
      : { path: this.#options.anvil };
    if ("why" in found) throw new Error(found.why);
    if (overtaken()) return undefined;
    const anvil = new Anvil(found.path, this.port, NODE_ARGS);
    this.#anvil = anvil;
    anvil.onEnd = (why) => void this.#give(why);
    await anvil.start();
    if (overtaken()) return undefined;
    const { seed, blockMs } = this.#options;
    const run = { url: anvil.url, seed, blockMs, clock: this.#clock.memory };
    const made = await worker.ask({ kind: "run", run });
    return overtaken() ? undefined : made;
  }

  #complain(why: string): void {
    if (this.#trouble === undefined && !this.#silent) this.#say(`The chain made no block: ${why}`);
    this.#trouble = why;
  }

  async #give(why: string): Promise<void> {
    const ran = this.#phase === "running";
    await this.stop();
    [this.#phase, this.#why] = ["none", why];
    if (ran) this.#say(`The chain has ended: ${why}. POST /chain/start starts a new one`);
  }

  /** Where the market is now. */
  follow(step: number, frozen: boolean): void {
    this.#clock.set(step, frozen);
  }

  /** Resolves when nothing of before is under way any more. */
  async settle(): Promise<void> {
    if (this.#phase !== "running" || this.#silent) return;
    // Where the chain ends meanwhile, nothing of it is under way either.
    await this.#worker?.ask({ kind: "settle" }).catch(() => {});
  }

  /** How many blocks there are since all was made. */
  get blocks(): number {
    return this.#made === undefined || this.#report === undefined
      ? 0
      : this.#report.number - this.#made.madeInBlock;
  }

  /** Replaces the last blocks by others with nothing in them. */
  async reorg(depth: number): Promise<void> {
    await this.#worker?.ask({ kind: "reorg", depth });
  }

  /** The node stands still with its connections open, or goes on. */
  set silent(silent: boolean) {
    this.#silent = silent;
    if (silent) this.#anvil?.freeze();
    else this.#anvil?.thaw();
  }

  /** Its node is gone, and all that was on it. */
  async stop(): Promise<void> {
    this.#attempt++;
    this.#phase = "stopped";
    this.#worker?.end();
    this.#worker = undefined;
    const anvil = this.#anvil;
    this.#anvil = undefined;
    await anvil?.end();
  }

  state(): unknown {
    const { phase, port, why } = this;
    const silent = this.#silent;
    const known = phase === "running"
      ? { pid: this.#anvil?.pid, ...this.#made, block: this.#report, trouble: this.#trouble }
      : {};
    return { phase, why, port, chainId: CHAIN_ID, blockMs: this.#options.blockMs, silent, ...known };
  }
}

/** Throws PortTaken. Another node there would answer in the place of ours. */
function checkPort(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) throw new PortTaken("chain", port);
    throw error;
  }
}
