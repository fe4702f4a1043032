/** What both pages show of pools and of what a route costs, in a real Chromium, on a market that stands still. */
import assert from "node:assert/strict";
import { openPools, POOLS, ROUTES } from "../api/pool_market.ts";
import type { BrowserContextOptions, Page } from "../tools/playwright.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, openPage } from "./page.ts";
import { violations } from "./violations.ts";

const { shared, browserTest } = browserTests(() => openPools().serve());

function poolTest(
  name: string,
  path: string,
  run: (page: Page) => Promise<void>,
  options: BrowserContextOptions = {},
) {
  browserTest(name, async () => {
    await using open = await openPage(shared.browser, shared.program.url + path, {
      reducedMotion: "reduce",
      ...options,
    });
    await run(open.page);
    assert.deepEqual(open.complaints, []);
  });
}

interface ShownCost {
  name: string;
  quote: number;
  bps: number;
}

/** The costs of each row, by route. */
async function shownCosts(page: Page): Promise<Map<string, ShownCost[]>> {
  const rows = await page.$$eval("tbody tr", (rows) =>
    rows.map((row) => {
      const costs = [...row.querySelectorAll(".costs div")].map((one) => ({
        name: one.querySelector("dt")!.textContent!,
        quote: parseFloat(one.querySelector("dd")!.textContent!),
        bps: parseFloat(one.querySelector(".unit")!.textContent!),
      }));
      return [row.dataset.route!, costs] as const;
    }));
  return new Map(rows);
}

const ETH = "ETH-USDT uniswap-v3 okx";
const BTC = "BTC-USDT bybit okx";

for (const javaScriptEnabled of [true, false]) {
  poolTest(
    `a row of a pool has its fees, impact and gas, one of books its fees${
      javaScriptEnabled ? "" : ", without JavaScript"
    }`,
    "/",
    async (page) => {
      if (javaScriptEnabled) await alive(page);
      const costs = await shownCosts(page);
      assert.equal(costs.size, ROUTES.length);
      // Of 17,803 USDT.
      assert.deepEqual(costs.get(ETH), [
        { name: "Fees", quote: 26.83, bps: 15.1 },
        { name: "Impact", quote: 1.54, bps: 0.9 },
        { name: "Gas", quote: 4.18, bps: 2.3 },
      ]);
      assert.deepEqual(costs.get(BTC), [{ name: "Fees", quote: 73.04, bps: 20 }]);
    },
    { javaScriptEnabled },
  );
}

poolTest("gross less the costs shown is the profit shown", "/", async (page) => {
  await alive(page);
  const costs = await shownCosts(page);
  for (const { symbol, buyExchange, sellExchange, grossBps, notionalQuote } of ROUTES) {
    const route = `${symbol} ${buyExchange} ${sellExchange}`;
    const spent = costs.get(route)!.reduce((sum, { quote }) => sum + quote, 0);
    const profit = parseFloat(await page.innerText(`[data-route="${route}"] .col-profit`));
    const left = grossBps * notionalQuote / 10_000 - spent;
    assert.ok(Math.abs(left - profit) < 0.02, `${route}: ${left} is left, ${profit} is shown`);
  }
});

poolTest("rows can be sorted by what they cost, with the keyboard alone", "/", async (page) => {
  await alive(page);
  const heading = page.locator("th.col-costs");
  await heading.getByRole("button").focus();
  await page.keyboard.press("Enter");
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  assert.equal(new URL(page.url()).search, "?sort=-costs");
  const order = () => page.$$eval("tbody tr", (rows) => rows.map((row) => row.dataset.route!.split(" ")[0]));
  assert.deepEqual(await order(), ["WBTC-USDT", "BTC-USDT", "ETH-USDT"]);
  await page.keyboard.press("Enter");
  await page.waitForSelector("th.col-costs[aria-sort=ascending]");
  assert.deepEqual(await order(), ["ETH-USDT", "BTC-USDT", "WBTC-USDT"]);
});

poolTest(
  "a pool's row of quotes names pool, fee, block and its age; a book's does not",
  "/pairs/ETH-USDT",
  async (page) => {
    await page.waitForSelector(".connection[data-state=live]");
    const row = page.locator(".quotes tr[data-exchange=uniswap-v3]");
    assert.match(await row.innerText(), /0x11b8…97f6 · 0\.05 % · block 23,456,789 · (\d+ m )?\d+ s old/u);
    assert.equal(await row.locator(".pool [title]").getAttribute("title"), POOLS["uniswap-v3"]!.address);
    assert.equal(await row.locator("th").getAttribute("abbr"), "Uniswap v3");
    assert.equal(await page.locator(".quotes tr[data-exchange=okx] .pool").count(), 0);
  },
);

poolTest(
  "a route with a pool is marked where an opportunity is open, not for its edge before gas",
  "/pairs/ETH-USDT",
  async (page) => {
    await page.waitForSelector(".connection[data-state=live]");
    const marked = await page.$$eval(
      ".routes tbody tr",
      (rows) =>
        rows.flatMap((row) =>
          [...row.querySelectorAll("td.pays")].map((cell) => [
            row.querySelector("th")!.textContent,
            Number(cell.textContent),
          ])
        ),
    );
    assert.deepEqual(marked, [["Uniswap v3", 55.9]]);
    assert.ok(await page.isVisible("text=before gas; marked where an opportunity is open"));
    assert.match(await page.innerText(".headline-best"), /55\.9 bps after fees and before gas/u);
  },
);

poolTest(
  "past opportunities of a pair have their costs and why they ended, too",
  "/pairs/ETH-USDT",
  async (page) => {
    const past = page.locator(".episodes tbody tr:not(.open)");
    await past.waitFor();
    const words = (await past.innerText()).replace(/\s+/gu, " ");
    assert.match(words, /Gas has no price/u);
    assert.match(words, /Fees 26\.83 15\.1 bps Impact 1\.54 0\.9 bps Gas 4\.18 2\.3 bps/u);
  },
);

/** What is wider than the place it has, by its words. */
function tooWide(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(
    selector,
    (elements) =>
      elements.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) =>
        `${one.textContent?.slice(0, 60)}…`
      ),
  );
}

for (const width of [375, 800, 1024, 1200, 1280, 1440, 1600]) {
  poolTest(`costs and pools have room at ${width} px`, "/", async (page) => {
    await alive(page);
    assert.deepEqual(await tooWide(page, "tbody :is(.costs div, .col-profit, .leg)"), []);
    assert.deepEqual(await tooWide(page, "html"), []);
    await page.goto(`${shared.program.url}/pairs/WBTC-USDT`);
    await page.waitForSelector(".connection[data-state=live]");
    await page.waitForSelector(".episodes tbody tr:not(.open)");
    const beyond = await page.$$eval(".pool", (lines) =>
      lines.filter((line) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        const table = line.closest("table")!.getBoundingClientRect();
        return range.getBoundingClientRect().right > table.right;
      }).length);
    assert.equal(beyond, 0);
    assert.deepEqual(await tooWide(page, "html, #pair .panel"), []);
  }, { viewport: { width, height: 900 } });
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [375, 1600]) {
    for (const path of ["/", "/pairs/ETH-USDT"]) {
      poolTest(
        `nothing stands in the way of assistive technology on ${path} with pools: ${colorScheme}, ${width} px`,
        path,
        async (page) => {
          await page.waitForSelector(".connection[data-state=live]");
          assert.deepEqual(await violations(page), []);
        },
        { colorScheme, viewport: { width, height: 900 } },
      );
    }
  }
}
