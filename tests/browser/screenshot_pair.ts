/**
 * Takes the picture of the page of a pair. The program has to run already, in test mode and for half an hour, so that
 * there is a history to show.
 *
 *     deno run --lock=tests/deno.lock -A tests/browser/screenshot_pair.ts docs/screenshot-pair.png http://127.0.0.1:8080
 */
import { launchChromium } from "./chromium.ts";
import { openPage } from "./page.ts";

const CHARTS_DRAWN_MS = 3000;

const [path = "pair.png", address = "http://127.0.0.1:8080"] = Deno.args;
const browser = await launchChromium();
await using open = await openPage(browser, `${address}/pairs/BTC-USDT`, {
  colorScheme: "dark",
  reducedMotion: "reduce",
  viewport: { width: 1280, height: 1470 },
});
await open.page.waitForSelector("#prices-summary:has-text('bars of')");
await open.page.waitForTimeout(CHARTS_DRAWN_MS);
await open.page.screenshot({ path });
await browser.close();
