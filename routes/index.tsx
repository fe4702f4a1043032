/** The page: what pays right now. */
import Screener, { type ScreenerProps } from "../islands/Screener.tsx";
import { MAX_SHOWN } from "../islands/screener/arrangement.ts";
import { comparisonOf, filterOf, namesView, readView } from "../islands/screener/view.ts";
import type { PageModule, PageProps } from "../ui/route.ts";

type Data = ScreenerProps & { version: string };

export const title = "MarketFlow: spreads that pay after costs";
export const description =
  "Price differences between exchanges and pools, net of all costs, at a size that both can fill, from fresh quotes.";

export const styles = ["/settings.css"];

export const load: NonNullable<PageModule<Data>["load"]> = (c) => {
  const { market, screener, version } = c.get("app");
  const query = new URL(c.req.url).searchParams;
  const view = readView(query);
  return {
    mode: market.mode,
    // What the first paint shows; the stream brings the rest.
    opportunities: market.opportunities().filter(filterOf(view)).sort(comparisonOf(view)).slice(0, MAX_SHOWN),
    venues: market.venues(),
    symbols: market.symbols,
    exchanges: market.exchanges,
    minNetBps: screener.minNetBps,
    view: namesView(query) ? view : undefined,
    now: Date.now(),
    version,
  };
};

export default function Home({ data: { version, ...screener } }: PageProps<Data>) {
  return (
    <>
      <a class="skip" href="#opportunities">Skip to the opportunities</a>
      <Screener {...screener} />
      <footer class="foot">
        <noscript>
          <p class="foot-note">
            This is the market of {new Date(screener.now).toISOString().slice(11, 19)}{" "}
            UTC. Reload for the next look, or allow JavaScript to watch it move.
          </p>
        </noscript>
        <p class="foot-note">
          <strong>Net</strong>{" "}
          is what is left of a spread after all costs: the taker fees of books, and of pools their fee, how
          much worse their price gets with the size, and gas. <strong>Size</strong>{" "}
          is what both sides can fill and leaves the most, of a book at most its top; <strong>profit</strong>
          {" "}
          is what is left at that size. Only fresh quotes count; transfers between venues are not included.
        </p>
        <p class="foot-links">
          <a href="/docs">API</a>
          <a href="/health">Health</a>
          <span>MarketFlow {version}</span>
        </p>
      </footer>
    </>
  );
}
