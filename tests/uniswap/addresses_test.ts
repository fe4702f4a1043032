/** The addresses of the settings: written without a slip, and leading to the pools that are known. */
import assert from "node:assert/strict";
import { defaults } from "../../adapters/config/defaults.ts";
import { isPoolVenue } from "../../adapters/config/pools.ts";
import {
  encodeAbiParameters,
  encodePacked,
  getAddress,
  getCreate2Address,
  keccak256,
} from "../../emulator/chain/packages/viem.ts";

type Hex = `0x${string}`;

/** Hashes of the code that factories deploy. */
const HASHES = {
  uniswapV2: "0x96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
  uniswapV3: "0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54",
  pancakeV2: "0x00fb7f630766e6a796048ea87d01acd3068e8ff67d078148a3fa3f4a84f69bd5",
  pancakeV3: "0x6ce8eb472fa82df5469c6ab6d485f17c3ad13c8cd7af59b3d4a8026c5ce0f7e2",
} as const;
/** PancakeSwap deploys pools of v3 from a contract of its own, not from the factory. */
const PANCAKE_DEPLOYER = "0x41ff9AA7e16B8B1a8a8dc4f0eFacd93D02d071c9";

/** What a factory would deploy for two assets of the table of its chain; with a fee, of v3. */
function poolOf(
  venue: keyof typeof defaults.venues,
  assets: [string, string],
  hash: Hex,
  feePpm?: number,
): string {
  const settings = defaults.venues[venue];
  assert.ok(isPoolVenue(settings));
  const { tokens } = defaults.chains[settings.chainId]!;
  const [a, b] = assets.map((asset) => tokens[asset] as Hex).sort((x, y) => BigInt(x) < BigInt(y) ? -1 : 1);
  const salt = feePpm === undefined ? keccak256(encodePacked(["address", "address"], [a!, b!])) : keccak256(
    encodeAbiParameters([{ type: "address" }, { type: "address" }, { type: "uint24" }], [a!, b!, feePpm]),
  );
  const from = venue === "pancakeswap-v3" ? PANCAKE_DEPLOYER : settings.factory as Hex;
  return getCreate2Address({ from, salt, bytecodeHash: hash });
}

Deno.test("addresses of tokens and factories have the capitals of their checksum (EIP-55)", () => {
  const factories = Object.values(defaults.venues).filter(isPoolVenue).map(({ factory }) => factory);
  const tokens = Object.values(defaults.chains).flatMap((chain) => Object.values(chain.tokens));
  assert.ok(factories.length >= 7 && tokens.length >= 12);
  for (const address of [...factories, ...tokens]) assert.equal(getAddress(address), address);
});

Deno.test("factories and tokens of Ethereum lead to its well-known pools", () => {
  const pools: [[string, string], v2: string, ...v3: [feePpm: number, address: string][]][] = [
    [
      ["ETH", "USDT"],
      "0x0d4a11d5EEaaC28EC3F61d100daF4d40471f1852",
      [100, "0xc7bBeC68d12a0d1830360F8Ec58fA599bA1b0e9b"],
      [500, "0x11b815efB8f581194ae79006d24E0d814B7697F6"],
      [3000, "0x4e68Ccd3E89f51C3074ca5072bbAC773960dFa36"],
    ],
    [
      ["ETH", "USDC"],
      "0xB4e16d0168e52d35CaCD2c6185b44281Ec28C9Dc",
      [100, "0xE0554a476A092703abdB3Ef35c80e0D76d32939F"],
      [500, "0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640"],
      [3000, "0x8ad599c3A0ff1De082011EFDDc58f1908eb6e6D8"],
    ],
    [
      ["WBTC", "USDT"],
      "0x0DE0Fa91b6DbaB8c8503aAA2D1DFa91a192cB149",
      [500, "0x56534741CD8B152df6d48AdF7ac51f75169A83b2"],
      [3000, "0x9Db9e0e53058C89e5B94e29621a205198648425B"],
    ],
    [
      ["WBTC", "USDC"],
      "0x004375Dff511095CC5A197A54140a24eFEF3A416",
      [500, "0x9a772018FbD77fcD2d25657e5C547BAfF3Fd7D16"],
      [3000, "0x99ac8cA7087fA4A2A1FB6357269965A2014ABc35"],
    ],
    [
      ["WBTC", "ETH"],
      "0xBb2b8038a1640196FbE3e38816F3e67Cba72D940",
      [500, "0x4585FE77225b41b697C938B018E2Ac67Ac5a20c0"],
      [3000, "0xCBCdF9626bC03E24f779434178A73a0B4bad62eD"],
    ],
  ];
  for (const [assets, v2, ...v3] of pools) {
    assert.equal(poolOf("uniswap-v2", assets, HASHES.uniswapV2), v2, assets.join());
    for (const [feePpm, address] of v3) {
      assert.equal(poolOf("uniswap-v3", assets, HASHES.uniswapV3, feePpm), address, assets.join());
    }
  }
  // Of recorded logs.
  const dai = poolOf("uniswap-v3", ["DAI", "USDC"], HASHES.uniswapV3, 100);
  assert.equal(dai.toLowerCase(), "0x5777d92f208679db4b9778590fa3cab3ac9e2168");
});

Deno.test("factories and tokens of other chains lead to their well-known pools", () => {
  const eth = (venue: keyof typeof defaults.venues) => poolOf(venue, ["ETH", "USDC"], HASHES.uniswapV3, 500);
  assert.equal(eth("uniswap-v3-base"), "0xd0b53D9277642d899DF5C87A3966A349A798F224");
  assert.equal(eth("uniswap-v3-arbitrum"), "0xC6962004f452bE9203591991D15f6b388e09E8D0");
  assert.equal(eth("uniswap-v3-optimism"), "0x1fb3cf6e48F1E7B10213E7b6d87D4c073C7Fdb7b");
  const pancake = (assets: [string, string], feePpm: number) =>
    poolOf("pancakeswap-v3", assets, HASHES.pancakeV3, feePpm);
  assert.equal(
    poolOf("pancakeswap-v2", ["USDT", "BNB"], HASHES.pancakeV2),
    "0x16b9a82891338f9bA80E2D6970FddA79D1eb0daE",
  );
  assert.equal(pancake(["USDT", "BNB"], 100), "0x172fcD41E0913e95784454622d1c3724f546f849");
  assert.equal(pancake(["USDT", "BNB"], 500), "0x36696169C63e42cd08ce11f5deeBbCeBae652050");
  assert.equal(pancake(["BTCB", "USDT"], 500), "0x46Cf1cF8c69595804ba91dFdd8d6b960c9B0a7C4");
});
