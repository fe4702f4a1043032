import assert from "node:assert/strict";
import { isCanonicalSymbol, SymbolIndex } from "./symbol.ts";

Deno.test("canonical symbol is upper case with one dash and something on both sides", () => {
  for (
    const symbol of ["BTC-USDT", "1INCH-USDT", "1000SATS-USDC", "币安人生-USDT", "$ALPHA-BTC", "A.B-EUR"]
  ) {
    assert.ok(isCanonicalSymbol(symbol), symbol);
  }
  for (
    const text of [
      "",
      "-",
      "BTC",
      "BTC-",
      "-USDT",
      "BTCUSDT",
      "btc-usdt",
      "BTC-usdt",
      "BTC--USDT",
      "BTC-USDT-SWAP",
      "BTC_USDT",
      "BTC/USDT",
      "BTC:USDT",
      "BTC -USDT",
      " BTC-USDT",
      "BTC-USDT\n",
      "ß-USDT",
    ]
  ) assert.ok(!isCanonicalSymbol(text), JSON.stringify(text));
});

Deno.test("symbol is found in all common spellings", () => {
  const index = new SymbolIndex(["ETH-BTC", "BTC-USDT"]);
  for (
    const text of [
      "BTC-USDT",
      "btc-usdt",
      "BTCUSDT",
      "btcusdt",
      "BtcUsdt",
      "BTC_USDT",
      "btc_usdt",
      "BTC/USDT",
      "btc/usdt",
      "BTC:USDT",
      "BTC USDT",
      "BTC / USDT",
      "  BTC-USDT ",
    ]
  ) assert.equal(index.resolve(text), "BTC-USDT", text);
});

Deno.test("symbol that is not watched is not found, however close it comes", () => {
  const index = new SymbolIndex(["BTC-USDT", "ETH-BTC"]);
  for (
    const text of [
      "",
      " ",
      "-",
      "BTC",
      "USDT",
      "BTC-",
      "-USDT",
      "BTC-USD",
      "BTCUSD",
      "BTC-USDT-SWAP",
      "BTCUSDTUSDT",
      "USDT-BTC",
      "USDTBTC",
      "BTC-ETH",
      "BTC.USDT",
      "BTC-USDT/",
      "constructor",
      "__proto__",
    ]
  ) assert.equal(index.resolve(text), undefined, JSON.stringify(text));
});

Deno.test("joined spelling that fits two symbols resolves to neither; the dashed ones to their own", () => {
  const index = new SymbolIndex(["AB-C", "A-BC", "BTC-USDT"]);
  assert.equal(index.resolve("ABC"), undefined);
  assert.equal(index.resolve("abc"), undefined);
  assert.equal(index.resolve("AB-C"), "AB-C");
  assert.equal(index.resolve("a/bc"), "A-BC");
  assert.equal(index.resolve("BTCUSDT"), "BTC-USDT");
});

Deno.test("joined spelling that fits three symbols still resolves to none", () => {
  const index = new SymbolIndex(["ABC-D", "AB-CD", "A-BCD"]);
  assert.equal(index.resolve("ABCD"), undefined);
  assert.equal(index.resolve("AB_CD"), "AB-CD");
});

Deno.test("separator is taken at its word: another base and quote with the same letters is another coin", () => {
  const index = new SymbolIndex(["AB-C", "BTC-USDT"]);
  assert.equal(index.resolve("A-BC"), undefined);
  assert.equal(index.resolve("A/BC"), undefined);
  assert.equal(index.resolve("BTCU-SDT"), undefined);
  assert.equal(index.resolve("B-TC-USDT"), undefined);
});

Deno.test("base in another script is found, joined and apart", () => {
  const index = new SymbolIndex(["币安人生-USDT", "ЛУНА-USDT"]);
  assert.equal(index.resolve("币安人生USDT"), "币安人生-USDT");
  assert.equal(index.resolve("币安人生_usdt"), "币安人生-USDT");
  assert.equal(index.resolve("луна/usdt"), "ЛУНА-USDT");
  assert.equal(index.resolve("LUNA-USDT"), undefined);
});

Deno.test("ids are dense and in the order of the list", () => {
  const index = new SymbolIndex(["BTC-USDT", "ETH-USDT"]);
  assert.deepEqual(["BTC-USDT", "ETH-USDT", "BTCUSDT"].map((symbol) => index.id(symbol)), [0, 1, undefined]);
});
