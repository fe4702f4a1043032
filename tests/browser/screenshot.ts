/**
 * Takes the picture of the README from the real page, dark or light.
 *
 *     deno run --lock=tests/deno.lock -A tests/browser/screenshot.ts docs/screenshot-dark.png dark
 */
import { launchChromium } from "./chromium.ts";
import { alive, openPage } from "./page.ts";
import { startProgram } from "./program.ts";

/** Test mode needs a while until the rows have a history to show. */
const WARM_UP_MS = 12_000;
const ROWS = 9;

const [path = "page.png", scheme = "dark"] = Deno.args;
await using program = await startProgram();
const browser = await launchChromium();
await using open = await openPage(browser, program.url, {
  colorScheme: scheme === "light" ? "light" : "dark",
  // No row is caught on its way.
  reducedMotion: "reduce",
  viewport: { width: 1600, height: 976 },
});
await alive(open.page);
await open.page.waitForTimeout(WARM_UP_MS);
await open.page.waitForFunction(
  (rows) => document.querySelectorAll("tbody tr:not(.closed)").length >= rows,
  ROWS,
);
await open.page.screenshot({ path });
await browser.close();
