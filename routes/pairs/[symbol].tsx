/** The page of one pair. Any spelling of a symbol leads to the canonical one. */
import type { BarInterval } from "../../core/app/market.ts";
import { quoteJson } from "../../core/app/wire.ts";
import { INTERVAL_MS } from "../../islands/pair/bars.ts";
import Pair, { type PairProps } from "../../islands/Pair.tsx";
import type { PageModule, PageProps } from "../../ui/route.ts";
import { unknownSymbol } from "../_known.ts";

type Data =
  | PairProps & { version: string }
  | { unknown: string; symbols: readonly string[] };

export const title = (data: Data) => `${"unknown" in data ? "Not watched" : data.symbol} · MarketFlow`;
export const description = "Quotes, price bars, and the best net edge of one pair over all venues.";
export const styles = ["/pair.css"];

export const load: NonNullable<PageModule<Data>["load"]> = (c) => {
  const { market, screener, version } = c.get("app");
  const text = c.req.param("symbol")!;
  const { search, searchParams } = new URL(c.req.url);
  const symbol = market.resolveSymbol(text);
  if (symbol === undefined) {
    if (!c.req.header("accept")?.includes("text/html")) return unknownSymbol(c, text);
    c.status(404);
    return { unknown: text, symbols: market.symbols };
  }
  if (symbol !== text) return c.redirect(`/pairs/${symbol}${search}`, 308);
  const now = Date.now();
  const quotes = market.quotes(symbol).map((quote) => quoteJson(quote, now));
  const interval = searchParams.get("interval") ?? "";
  return {
    symbol,
    mode: market.mode,
    quotes,
    opportunities: market.opportunities().filter((one) => one.symbol === symbol),
    exchanges: market.exchanges,
    fees: Object.fromEntries(
      market.venues().flatMap((venue) => venue.exchanges.map((id) => [id, venue.takerFeeBps])),
    ),
    minNetBps: screener.minNetBps,
    exchange: market.exchanges.find((id) => id === searchParams.get("exchange")) ??
      quotes[0]?.exchange ?? market.exchanges[0] ?? "",
    interval: Object.hasOwn(INTERVAL_MS, interval) ? interval as BarInterval : "1m",
    now,
    version,
  };
};

export default function PairPage({ data }: PageProps<Data>) {
  if ("unknown" in data) return <Unknown text={data.unknown} symbols={data.symbols} />;
  const { version, ...pair } = data;
  return (
    <>
      <a class="skip" href="#pair">Skip to the quotes</a>
      <Pair {...pair} />
      <footer class="foot">
        <noscript>
          <p class="foot-note">
            These are the quotes of {new Date(pair.now).toISOString().slice(11, 19)}{" "}
            UTC. Reload for the next look; charts need JavaScript.
          </p>
        </noscript>
        <p class="foot-links">
          <a href="/docs">API</a>
          <a href="/health">Health</a>
          {/* Asked for by the license of the library. */}
          <span>
            Charts: TradingView Lightweight Charts™, copyright © 2026 TradingView, Inc.,{" "}
            <a href="https://www.tradingview.com/" rel="noreferrer">tradingview.com</a>
          </span>
          <span>MarketFlow {version}</span>
        </p>
      </footer>
    </>
  );
}

function Unknown({ text, symbols }: { text: string; symbols: readonly string[] }) {
  return (
    <main class="error-page">
      <p class="error-status">404</p>
      <h1>{text} is not watched</h1>
      <p>These pairs are:</p>
      <ul class="known-pairs">
        {symbols.map((symbol) => (
          <li key={symbol}>
            <a href={`/pairs/${symbol}`}>{symbol}</a>
          </li>
        ))}
      </ul>
      <p>
        <a href="/">Back to the opportunities</a>
      </p>
    </main>
  );
}
