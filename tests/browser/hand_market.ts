/** A market that is moved by hand, behind the real server, hub and page: a test says what opens and what closes. */
import { openMade, wellVenue } from "../api/made_market.ts";
import { ScriptedMarket } from "../core/scripted_market.ts";

const EXCHANGES = ["bybit", "okx"];

export interface HandMarket extends AsyncDisposable {
  market: ScriptedMarket;
  url: string;
  port: number;
}

export async function openHandMarket(): Promise<HandMarket> {
  const market = new ScriptedMarket();
  const venues = () => EXCHANGES.map((id) => wellVenue(id, 10, 2));
  const server = await openMade(Object.assign(market, { exchanges: EXCHANGES, venues }).asMarket).serve();
  return { market, ...server };
}
