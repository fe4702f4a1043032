/** What one does to a chain of one's own: transactions, blocks, and what goes wrong with both. */
import type { Artifact } from "./contracts.ts";
import {
  type Abi,
  createTestClient,
  encodeDeployData,
  encodeFunctionData,
  http,
  publicActions,
  type StateOverride,
  type TransactionReceipt,
  walletActions,
} from "./packages/viem.ts";

export type Hex = `0x${string}`;

/** A contract that stands on the chain. */
export interface Contract {
  address: Hex;
  abi: Abi;
}

export type Receipt = TransactionReceipt;

/** For any one transaction. */
const GAS = 20_000_000n;

/** A client of viem with all its actions; many calls made at once go out as one request. */
export function clientOf(url: string, timeout = 60_000) {
  const transport = http(url, { batch: { batchSize: 500 }, timeout, retryCount: 0 });
  return createTestClient({ mode: "anvil", transport, pollingInterval: 20, cacheTime: 0 })
    .extend(publicActions)
    .extend(walletActions);
}

export class Chain {
  readonly client: ReturnType<typeof clientOf>;
  /** Has coins and all tokens, and signs all transactions. */
  readonly account: Hex;

  protected constructor(client: ReturnType<typeof clientOf>, account: Hex) {
    this.client = client;
    this.account = account;
  }

  /** Over HTTP; its first account is the one that acts. A call that takes longer fails. */
  static async connect(url: string, timeoutMs: number): Promise<Chain> {
    const client = clientOf(url, timeoutMs);
    return new Chain(client, (await client.getAddresses())[0]!);
  }

  /** Puts a contract on the chain. */
  async deploy({ abi, bytecode }: Artifact, args: readonly unknown[] = []): Promise<Contract> {
    const data = encodeDeployData({ abi, bytecode, args } as Parameters<typeof encodeDeployData>[0]);
    const receipt = await this.client.sendTransactionSync({ ...await this.#from(), data });
    return { address: succeeded(receipt, "A contract").contractAddress!.toLowerCase() as Hex, abi };
  }

  /** Sends a transaction and waits for its block. Throws where the contract refuses it. */
  async send(
    { address, abi }: Contract,
    name: string,
    args: readonly unknown[] = [],
    account: Hex = this.account,
  ): Promise<Receipt> {
    const data = encodeFunctionData({ abi, functionName: name, args });
    const transaction = { ...await this.#from(), account, to: address, data };
    return succeeded(await this.client.sendTransactionSync(transaction), name);
  }

  /** Sends a transaction and does not wait: it is in the next block, whenever that is. */
  async queue({ address, abi }: Contract, name: string, args: readonly unknown[] = []): Promise<Hex> {
    const data = encodeFunctionData({ abi, functionName: name, args });
    return await this.client.sendTransaction({ ...await this.#from(), to: address, data });
  }

  /** What a function answers when it is called and nothing is kept; of several values, an array. */
  async call<T>(
    { address, abi }: Contract,
    name: string,
    args: readonly unknown[] = [],
    options: { blockNumber?: bigint; stateOverride?: StateOverride } = {},
  ): Promise<T> {
    // Functions that are not declared to be views are quoted in the same way.
    return await this.client.readContract({ address, abi, functionName: name, args, ...options }) as T;
  }

  /** The price of gas is named, as not every node's own proposal is one that it takes. */
  async #from() {
    return { account: this.account, chain: null, gas: GAS, gasPrice: await this.client.getGasPrice() };
  }

  blockNumber(): Promise<bigint> {
    return this.client.getBlockNumber();
  }

  /** From now on blocks are mined by `mine` alone; transactions wait. */
  async stopMining(): Promise<void> {
    await this.client.setAutomine(false);
  }
  async resumeMining(): Promise<void> {
    await this.client.setAutomine(true);
    await this.mine();
  }
  async mine(blocks = 1): Promise<void> {
    await this.client.mine({ blocks });
  }

  /**
   * Replaces the last `depth` blocks by others with nothing in them. The chain stays as high as it was. Anvil sends no
   * logs with `removed` for it.
   */
  async reorg(depth: number): Promise<void> {
    await this.request("anvil_reorg", [depth, []]);
  }

  /** Forgets the transactions that wait for a block. */
  async dropTransactions(): Promise<void> {
    await this.request("anvil_dropAllTransactions", []);
  }

  /** A method of the node's own that viem has no words for. */
  async request(method: string, params: readonly unknown[]): Promise<void> {
    const args = { method, params };
    await this.client.request(args as unknown as Parameters<typeof this.client.request>[0]);
  }
}

function succeeded<T extends TransactionReceipt>(receipt: T, what: string): T {
  if (receipt.status === "success") return receipt;
  throw new Error(`${what} was reverted in block ${receipt.blockNumber}`);
}
