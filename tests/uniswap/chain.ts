/** A chain of a test's own, whose node it can restart and let stand still. */
import { type Anvil, BLOCK_GAS } from "../../emulator/chain/anvil.ts";
import { Chain as AnyChain, clientOf, type Hex } from "../../emulator/chain/chain.ts";
import { startAnvil } from "../tools/anvil.ts";

export type { Contract, Hex, Receipt } from "../../emulator/chain/chain.ts";

export class Chain extends AnyChain implements AsyncDisposable {
  readonly anvil: Anvil;

  private constructor(anvil: Anvil, client: ReturnType<typeof clientOf>, account: Hex) {
    super(client, account);
    this.anvil = anvil;
  }

  static async start(
    args: readonly string[] = ["--gas-limit", String(BLOCK_GAS), "--accounts", "1"],
  ): Promise<Chain> {
    const anvil = await startAnvil(args);
    const client = clientOf(anvil.url);
    return new Chain(anvil, client, (await client.getAddresses())[0]!);
  }

  /** What the node answers, as it writes it. */
  async raw<T>(method: string, params: readonly unknown[]): Promise<T> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = { "content-type": "application/json" };
    const response = await fetch(this.anvil.url, { method: "POST", headers, body });
    return (await response.json() as { result: T }).result;
  }

  /** The node ends and comes back on the same port with the same chain. `meanwhile` happens while it is gone. */
  async restart(meanwhile: () => unknown = () => {}): Promise<void> {
    const state = await this.client.dumpState();
    await this.anvil.end();
    await meanwhile();
    await this.anvil.start();
    await this.client.loadState({ state });
  }

  /** The node stands still, with its connections open; and goes on. */
  freeze(): void {
    this.anvil.freeze();
  }
  thaw(): void {
    this.anvil.thaw();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.anvil.end();
  }
}
