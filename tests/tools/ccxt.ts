export * from "npm:ccxt@4.5.84";
export { default } from "npm:ccxt@4.5.84";
