/** Where the contracts of Uniswap come from. The token is OpenZeppelin's plain ERC-20. */
export { default as erc20 } from "npm:@openzeppelin/contracts@3.4.2/build/contracts/ERC20PresetFixedSupply.json" with { type: "json" };
export { default as v2Factory } from "npm:@uniswap/v2-core@1.0.1/build/UniswapV2Factory.json" with { type: "json" };
export { default as v2Pair } from "npm:@uniswap/v2-core@1.0.1/build/UniswapV2Pair.json" with { type: "json" };
export { default as v2Router } from "npm:@uniswap/v2-periphery@1.1.0-beta.0/build/UniswapV2Router02.json" with { type: "json" };
export { default as weth9 } from "npm:@uniswap/v2-periphery@1.1.0-beta.0/build/WETH9.json" with { type: "json" };
export { default as v3Factory } from "npm:@uniswap/v3-core@1.0.1/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json" with { type: "json" };
export { default as v3Pool } from "npm:@uniswap/v3-core@1.0.1/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with { type: "json" };
export { default as positions } from "npm:@uniswap/v3-periphery@1.4.4/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json" with { type: "json" };
export { default as swapRouter } from "npm:@uniswap/v3-periphery@1.4.4/artifacts/contracts/SwapRouter.sol/SwapRouter.json" with { type: "json" };
export { default as quoterV2 } from "npm:@uniswap/v3-periphery@1.4.4/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json" with { type: "json" };
