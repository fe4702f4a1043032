/** How Kraken names assets and pairs: `XXBT` and `XBT/USD` over REST, `BTC/USD` on the v2 socket. */

/** REST id and alternative name of the assets that are not simply called what everybody calls them. */
const ASSETS: Readonly<Record<string, readonly [id: string, altname: string]>> = {
  BTC: ["XXBT", "XBT"],
  DOGE: ["XXDG", "XDG"],
  ETH: ["XETH", "ETH"],
  LTC: ["XLTC", "LTC"],
  XRP: ["XXRP", "XRP"],
  ETC: ["XETC", "ETC"],
  XLM: ["XXLM", "XLM"],
  XMR: ["XXMR", "XMR"],
  ZEC: ["XZEC", "ZEC"],
  USD: ["ZUSD", "USD"],
  EUR: ["ZEUR", "EUR"],
  GBP: ["ZGBP", "GBP"],
  CAD: ["ZCAD", "CAD"],
  JPY: ["ZJPY", "JPY"],
  AUD: ["ZAUD", "AUD"],
};

export interface AssetName {
  id: string;
  altname: string;
}

export function assetName(asset: string): AssetName {
  const [id, altname] = ASSETS[asset] ?? [asset, asset];
  return { id, altname };
}

export interface PairName {
  /** Key in AssetPairs: `XXBTZUSD`, but `XBTUSDT`, and `XDGUSD`. */
  key: string;
  altname: string;
  /** Name on the v1 socket, which v2 refuses where it differs. */
  wsname: string;
}

export function pairName(base: string, quote: string): PairName {
  const [b, q] = [assetName(base), assetName(quote)];
  const altname = b.altname + q.altname;
  const old = b.id.length === 4 && q.id.length === 4 && b.id !== base && q.id !== quote && base !== "DOGE";
  return { key: old ? b.id + q.id : altname, altname, wsname: `${b.altname}/${q.altname}` };
}
