/** Opens the page for a test, and notes everything that the browser complains about. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "../tools/playwright.ts";

export interface OpenPage extends AsyncDisposable {
  page: Page;
  /** Errors of the console and exceptions of scripts. */
  complaints: string[];
}

/** A page in a context of its own: no storage or cache of another test. `prepare` has it before the page does. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  prepare: (context: BrowserContext) => Promise<unknown> = () => Promise.resolve(),
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, ...options });
  context.setDefaultTimeout(30_000);
  await prepare(context);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Waits until the page follows the stream and shows a row. */
export async function alive(page: Page): Promise<void> {
  await page.waitForSelector(".connection[data-state=live]");
  await page.waitForSelector("tbody tr:not(.closed)");
}

export interface ShownRow {
  route: string;
  closed: boolean;
  /** Open, below the filter, and about to leave. */
  below: boolean;
  symbol: string;
  buy: string;
  sell: string;
  net: number;
  text: string;
}

/** The rows as they stand in the document. */
export function shownRows(page: Page): Promise<ShownRow[]> {
  return page.$$eval("tbody tr", (rows) =>
    rows.map((row) => {
      const text = (selector: string) => row.querySelector(selector)?.textContent?.trim() ?? "";
      return {
        route: row.getAttribute("data-route") ?? "",
        closed: row.classList.contains("closed"),
        below: row.classList.contains("below"),
        symbol: text(".col-symbol"),
        buy: text(".col-buy .venue"),
        sell: text(".col-sell .venue"),
        net: Number(text(".col-net strong").replaceAll(",", "")),
        text: row.textContent ?? "",
      };
    }));
}

/** Looks again and again, because the market moves on; the time limit is only there to fail instead of hanging. */
export async function eventually(
  what: string,
  look: () => Promise<boolean>,
  withinMs = 45_000,
): Promise<void> {
  const end = Date.now() + withinMs;
  while (!await look()) {
    if (Date.now() > end) throw new Error(`Did not happen within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
