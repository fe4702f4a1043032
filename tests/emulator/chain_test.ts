/** The emulated chain as whoever reads it finds it: where its contracts are, and what it does on request. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { Chain, type Contract, type Hex } from "../../emulator/chain/chain.ts";
import {
  ERC20,
  V2_FACTORY,
  V2_PAIR,
  V3_FACTORY,
  V3_POOL,
  V3_ROUTER,
} from "../../emulator/chain/contracts.ts";
import { encodeFunctionData } from "../../emulator/chain/packages/viem.ts";
import { parseOptions } from "../../emulator/options.ts";
import { anvilTest } from "../tools/anvil.ts";
import { mnemonicToAccount } from "../tools/viem_accounts.ts";
import { type Json, type Rig, until, withExchanges } from "./harness.ts";

const CALL_TIMEOUT_MS = 60_000;
/** Blocks go on being made between a look at the last one and the fault that is to take it back. */
const REORG_DEPTH = 7;
const OPTIONS = ["--chain", "on", "--block-ms", "1000", "--symbols", "ETH-USDT"];

/** Runs a test against a chain of its own, once it runs. */
function withChain(run: (rig: Rig, chain: Chain) => Promise<void>): Promise<void> {
  return withExchanges(OPTIONS, async (rig) => {
    await rig.exchanges.chainStarted;
    assert.equal(rig.exchanges.chain!.phase, "running", rig.exchanges.chain!.why);
    await run(rig, await Chain.connect(rig.origin("chain"), CALL_TIMEOUT_MS));
  });
}

const contract = (address: string, { abi }: { abi: Contract["abi"] }): Contract => ({
  address: address as Hex,
  abi,
});

anvilTest(
  "emulated.yaml has the addresses of the emulated chain, with true decimals",
  () =>
    withChain(async (_, chain) => {
      const file = parse(await Deno.readTextFile(new URL("../../emulated.yaml", import.meta.url)));
      const parsed = parseOptions([]);
      assert("options" in parsed);
      const { blockMs, ports } = parsed.options;
      const { tokens } = file.chains[31337];
      assert.deepEqual(Object.keys(file.chains), ["31337"]);
      assert.equal(file.chains[31337].blockMs, blockMs);
      for (const [id, protocol] of [["uniswap-v2", V2_FACTORY], ["uniswap-v3", V3_FACTORY]] as const) {
        const { chainId, wsUrl, httpUrl, factory } = file.venues[id];
        assert.equal(chainId, await chain.client.getChainId());
        assert.equal(wsUrl, `ws://127.0.0.1:${ports.chain}`);
        assert.equal(httpUrl, `http://127.0.0.1:${ports.chain}`);
        const pair = [tokens.ETH, tokens.USDT];
        const pool = protocol === V2_FACTORY
          ? await chain.call<Hex>(contract(factory, protocol), "getPair", pair)
          : await chain.call<Hex>(contract(factory, protocol), "getPool", [...pair, 500]);
        const one = contract(pool, protocol === V2_FACTORY ? V2_PAIR : V3_POOL);
        assert.equal((await chain.call<Hex>(one, "token0")).toLowerCase(), tokens.ETH);
      }
      const decimals = { ETH: 18, USDC: 6, USDT: 6, WBTC: 8 };
      assert.deepEqual(Object.keys(tokens).sort(), Object.keys(decimals).sort());
      for (const [asset, expected] of Object.entries(decimals)) {
        assert.equal(await chain.call(contract(tokens[asset], ERC20), "decimals"), expected, asset);
        const symbol = await chain.call(contract(tokens[asset], ERC20), "symbol");
        assert.equal(symbol, asset === "ETH" ? "WETH" : asset);
      }
    }),
);

/** What may not move while nothing does: where each pool stands, what gas costs. */
async function still(chain: Chain, pools: readonly Json[]): Promise<string> {
  const standing = pools.map(({ name, address }) =>
    name.startsWith("uniswap-v2")
      ? chain.call(contract(address, V2_PAIR), "getReserves")
      : chain.call(contract(address, V3_POOL), "slot0")
  );
  const all = { standing: await Promise.all(standing), gas: await chain.client.getGasPrice() };
  return JSON.stringify(all, (_, value) => typeof value === "bigint" ? String(value) : value);
}

const height = async (chain: Chain) => Number(await chain.blockNumber());

async function moreBlocks(chain: Chain, count: number): Promise<void> {
  const from = await height(chain);
  await until(() => height(chain), (now) => now >= from + count);
}

anvilTest(
  "a market that is frozen is frozen on the chain, too, and whoever trades there moves a pool alone",
  () =>
    withChain(async (rig, chain) => {
      const state = () => rig.control("GET", "/chain");
      await until(state, ({ block }) => block?.transactions > 0);
      await rig.control("POST", "/freeze");
      const { block: { pools }, tokens, routers } = await state();
      const before = await still(chain, pools);
      await moreBlocks(chain, 2);
      assert.equal(await still(chain, pools), before);

      // Somebody else, who signs by himself.
      const account = mnemonicToAccount("test test test test test test test test test test test junk", {
        addressIndex: 1,
      });
      const limits = { amountOutMinimum: 0n, sqrtPriceLimitX96: 0n, deadline: 2n ** 40n };
      const pair = { tokenIn: tokens.WETH, tokenOut: tokens.USDT, fee: 500 };
      const args = [{ ...pair, recipient: account.address, amountIn: 10n ** 18n, ...limits }];
      const data = encodeFunctionData({ abi: V3_ROUTER.abi, functionName: "exactInputSingle", args });
      const gasPrice = await chain.client.getGasPrice();
      const hash = await chain.client.sendTransaction({
        account,
        chain: null,
        to: routers.v3,
        data,
        gasPrice,
      });
      const { status, effectiveGasPrice } = await chain.client.waitForTransactionReceipt({ hash });
      assert.equal(status, "success");
      assert.equal(effectiveGasPrice, gasPrice);
      const after = await still(chain, pools);
      assert.notEqual(after, before);
      await moreBlocks(chain, 2);
      assert.equal(await still(chain, pools), after);

      await rig.control("POST", "/thaw");
      await until(() => still(chain, pools), (now) => now !== after);
      const { block, trouble } = await state();
      assert.deepEqual([block.failed, trouble], [0, undefined]);
    }),
);

anvilTest(
  "a chain can be silenced, reorganised, killed and started again as it was",
  () =>
    withChain(async (rig, chain) => {
      const state = () => rig.control("GET", "/chain");
      const { factories, tokens, port, madeInBlock } = await state();
      // It is not to take back what it is made of.
      await until(state, ({ block }) => block?.number >= madeInBlock + REORG_DEPTH + 1);

      await rig.control("POST", "/chain/silence");
      const answers = () => ask(port, "eth_chainId");
      // A signal takes its time.
      await until(answers, (answer) => answer === undefined);
      await rig.control("POST", "/chain/resume");
      await until(answers, (answer) => answer === "0x7a69");

      const number = await height(chain);
      const hash = async () => (await chain.client.getBlock({ blockNumber: BigInt(number) })).hash;
      const before = await hash();
      await rig.control("POST", `/chain/reorg?depth=${REORG_DEPTH}`);
      assert.notEqual(await hash(), before);
      await until(state, ({ block, trouble }) => block.number > number + 1 && trouble === undefined);

      await rig.control("POST", "/chain/kill");
      assert.equal((await state()).phase, "stopped");
      assert.equal(await answers(), undefined);
      await rig.control("POST", "/chain/start");
      const again = await state();
      assert.deepEqual([again.phase, again.factories, again.tokens], ["running", factories, tokens]);

      const wrong = await fetch(`${rig.origin("control")}/chain/reorg?depth=33`, { method: "POST" });
      assert.equal(wrong.status, 400);
      await wrong.body?.cancel();
    }),
);

anvilTest(
  "a chain whose node has ended of itself says so, and can be started again",
  () =>
    withChain(async (rig) => {
      const { pid } = await rig.control("GET", "/chain");
      Deno.kill(pid, "SIGKILL");
      const state = await until(() => rig.control("GET", "/chain"), ({ phase }) => phase === "none");
      assert.match(state.why, /^Anvil ended with code 137/u);
      await rig.control("POST", "/chain/start");
      assert.equal((await rig.control("GET", "/chain")).phase, "running");
    }),
);

/** What the node answers, or undefined where it does not within a second. */
async function ask(port: number, method: string): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: [] });
  const headers = { "content-type": "application/json" };
  const signal = AbortSignal.timeout(1_000);
  try {
    const response = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body, signal });
    return (await response.json()).result;
  } catch {
    return undefined;
  }
}
