/** ccxt's Bybit client on the same frames: best bids and asks, read in its usual loop. */
import ccxt from "../../tests/tools/ccxt.ts";
import { finish, measure, task } from "./contestant.ts";
import { SYMBOLS } from "./frames.ts";

const exchange = new ccxt.pro.bybit({ newUpdates: true });
const url = `ws://127.0.0.1:${task().port}/v5/public/spot`;
// deno-lint-ignore no-explicit-any
const inside = exchange as any;
inside.urls.api.ws.public.spot = url;
inside.setMarkets(SYMBOLS.map((name) => {
  const [base, quote] = name.split("-");
  const symbol = `${base}/${quote}`;
  const precision = { amount: 1e-6, price: 0.1 };
  return { id: `${base}${quote}`, symbol, base, quote, type: "spot", spot: true, active: true, precision };
}));

let frames = 0;
const handle = inside.handleMessage;
inside.handleMessage = function (client: unknown, message: unknown) {
  frames++;
  handle.call(this, client, message);
};

const symbols = SYMBOLS.map((name) => name.replace("-", "/"));
async function watch(): Promise<never> {
  for (;;) await exchange.watchBidsAsks(symbols);
}
watch().catch((error) => {
  console.error(error);
  Deno.exit(1);
});
finish(await measure(() => frames));
