/**
 * Chains and venues of pools where nobody sets others. Which asset a contract is stands here and nowhere
 * else: each line is reviewed, and a token without one does not exist for us, whatever it calls itself.
 */
import type { Settings } from "./schema.ts";

export const chains: Settings["chains"] = {
  "1": {
    nativeAsset: "ETH",
    blockMs: 12_000,
    tokens: {
      ETH: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
      USDT: "0xdAC17F958D2ee523a2206206994597C13D831ec7",
      USDC: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
      DAI: "0x6B175474E89094C44Da98b954EedeAC495271d0F",
      WBTC: "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599",
      LINK: "0x514910771AF9Ca656af840dff83E8264EcF986CA",
    },
  },
  "10": {
    nativeAsset: "ETH",
    blockMs: 2_000,
    tokens: {
      ETH: "0x4200000000000000000000000000000000000006",
      USDC: "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85",
    },
  },
  "56": {
    nativeAsset: "BNB",
    blockMs: 750,
    tokens: {
      BNB: "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c",
      USDT: "0x55d398326f99059fF775485246999027B3197955",
      BTCB: "0x7130d2A12B9BCbFAe4f2634d864A1Ee1Ce3Ead9c",
    },
  },
  "8453": {
    nativeAsset: "ETH",
    blockMs: 2_000,
    tokens: {
      ETH: "0x4200000000000000000000000000000000000006",
      USDC: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
    },
  },
  "42161": {
    nativeAsset: "ETH",
    blockMs: 1_000,
    tokens: {
      ETH: "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
      USDC: "0xaf88d065e77c8cC2239327C5EDb3A432268e5831",
      USDT: "0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9",
    },
  },
};

const ETHEREUM = {
  chainId: 1,
  wsUrl: [
    "wss://ethereum-rpc.publicnode.com",
    "wss://mainnet.gateway.tenderly.co",
    "wss://eth.drpc.org",
  ],
  httpUrl: [
    "https://ethereum-rpc.publicnode.com",
    "https://mainnet.gateway.tenderly.co",
    "https://eth.drpc.org",
  ],
};

const BNB_CHAIN = {
  chainId: 56,
  wsUrl: ["wss://bsc-rpc.publicnode.com", "wss://bsc.drpc.org"],
  httpUrl: ["https://bsc-rpc.publicnode.com", "https://bsc.drpc.org"],
};

const V3_FEES = [100, 500, 3000, 10_000];

export const pools = {
  "uniswap-v2": {
    enabled: true,
    protocol: "v2" as const,
    ...ETHEREUM,
    factory: "0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f",
    feesPpm: [3000],
    gasUnits: 130_000,
    pools: [],
  },
  "uniswap-v3": {
    enabled: true,
    protocol: "v3" as const,
    ...ETHEREUM,
    factory: "0x1F98431c8aD98523631AE4a59f267346ea31F984",
    feesPpm: V3_FEES,
    gasUnits: 180_000,
    pools: [],
  },
  "uniswap-v3-base": {
    enabled: false,
    protocol: "v3" as const,
    chainId: 8453,
    wsUrl: ["wss://base-rpc.publicnode.com", "wss://base.drpc.org"],
    httpUrl: ["https://base-rpc.publicnode.com", "https://base.drpc.org", "https://mainnet.base.org"],
    factory: "0x33128a8fC17869897dcE68Ed026d694621f6FDfD",
    feesPpm: [100, 200, 300, 400, 500, 3000, 10_000],
    gasUnits: 180_000,
    pools: [],
  },
  "uniswap-v3-arbitrum": {
    enabled: false,
    protocol: "v3" as const,
    chainId: 42161,
    wsUrl: ["wss://arbitrum-one-rpc.publicnode.com", "wss://arbitrum.drpc.org"],
    httpUrl: [
      "https://arbitrum-one-rpc.publicnode.com",
      "https://arbitrum.drpc.org",
      "https://arb1.arbitrum.io/rpc",
    ],
    factory: "0x1F98431c8aD98523631AE4a59f267346ea31F984",
    feesPpm: V3_FEES,
    gasUnits: 180_000,
    pools: [],
  },
  "uniswap-v3-optimism": {
    enabled: false,
    protocol: "v3" as const,
    chainId: 10,
    wsUrl: ["wss://optimism-rpc.publicnode.com", "wss://optimism.drpc.org"],
    httpUrl: [
      "https://optimism-rpc.publicnode.com",
      "https://optimism.drpc.org",
      "https://mainnet.optimism.io",
    ],
    factory: "0x1F98431c8aD98523631AE4a59f267346ea31F984",
    feesPpm: V3_FEES,
    gasUnits: 180_000,
    pools: [],
  },
  "pancakeswap-v2": {
    enabled: false,
    protocol: "v2" as const,
    ...BNB_CHAIN,
    factory: "0xcA143Ce32Fe78f1f7019d7d551a6402fC5350c73",
    feesPpm: [2500],
    gasUnits: 130_000,
    pools: [],
  },
  "pancakeswap-v3": {
    enabled: false,
    protocol: "v3" as const,
    ...BNB_CHAIN,
    factory: "0x0BFbCF9fa4f9C56B0F40a671Ad40E0805A091865",
    feesPpm: [100, 500, 2500, 10_000],
    gasUnits: 180_000,
    pools: [],
  },
};
