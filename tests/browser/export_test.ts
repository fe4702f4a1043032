/** The file of what is shown, in a real Chromium, on a market that stands still. */
import assert from "node:assert/strict";
import { openPools, ROUTES } from "../api/pool_market.ts";
import type { Page } from "../tools/playwright.ts";
import { browserTests } from "./browser_tests.ts";
import { openHandMarket } from "./hand_market.ts";
import { alive, openPage } from "./page.ts";

const { shared, browserTest } = browserTests(() => openPools().serve());

function exportTest(name: string, path: string, run: (page: Page) => Promise<void>) {
  browserTest(name, async () => {
    await using open = await openPage(shared.browser, shared.program.url + path);
    await alive(open.page);
    await run(open.page);
    assert.deepEqual(open.complaints, []);
  });
}

/** The records of the file, by the names of their head. None of these values is quoted. */
async function exported(
  page: Page,
): Promise<{ name: string; head: string[]; records: Record<string, string>[] }> {
  const waiting = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export CSV" }).click();
  const download = await waiting;
  const lines = (await Deno.readTextFile(await download.path())).split("\r\n");
  assert.equal(lines.pop(), "", "the last record ends with its line");
  const [head = [], ...rows] = lines.map((line) => line.split(","));
  const records = rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at]!])));
  return { name: download.suggestedFilename(), head, records };
}

const shownOrder = (page: Page) => page.$$eval("tbody tr", (rows) => rows.map((row) => row.dataset.route!));
const routeOf = (one: Record<string, string>) => `${one.pair_name} ${one.buy_exchange} ${one.sell_exchange}`;

exportTest(
  "the file has the rows of the table, in its order, with the figures of the API",
  "/?sort=profit",
  async (page) => {
    const { name, records } = await exported(page);
    assert.match(name, /^marketflow-test-\d{8}T\d{6}Z\.csv$/u);
    assert.equal(records.length, ROUTES.length);
    assert.deepEqual(records.map(routeOf), await shownOrder(page));
    const { opportunities } = await (await fetch(`${shared.program.url}/opportunities`)).json();
    for (const record of records) {
      const one = opportunities.find(({ id }: { id: string }) => id === record.id);
      const { buyPrice, sellPrice, netBps, grossBps, feesQuote, impactQuote, gasQuote, profitQuote } = one;
      assert.deepEqual(
        [
          record.buy_price,
          record.sell_price,
          record.net_bps,
          record.gross_bps,
          record.fees_quote,
          record.impact_quote,
          record.gas_quote,
          record.profit_quote,
          record.size_base,
          record.notional_quote,
        ].map(Number),
        [
          ...[buyPrice, sellPrice, netBps, grossBps, feesQuote, impactQuote, gasQuote, profitQuote],
          ...[one.sizeBase, one.notionalQuote],
        ],
      );
      assert.equal(record.opened_at, new Date(one.openedAt).toISOString());
      assert.equal(record.reason, "");
      assert.equal(record.mode, "test");
    }
  },
);

exportTest(
  "the file has what the filter lets through, and the columns that are shown",
  "/?symbol=wbtc&columns=net,profit",
  async (page) => {
    const { head, records } = await exported(page);
    assert.deepEqual(head, [
      ...["id", "pair_name", "buy_exchange", "sell_exchange"],
      ...["net_bps", "profit_quote", "updated_at", "reason", "mode"],
    ]);
    assert.deepEqual(records.map(routeOf), ["WBTC-USDT uniswap-v2 uniswap-v3"]);
  },
);

exportTest("where nothing is shown there is no file", "/", async (page) => {
  await page.fill("input[name=symbol]", "nosuchcoin");
  await page.waitForSelector("text=Nothing fits this filter");
  assert.ok(await page.getByRole("button", { name: "Export CSV" }).isDisabled());
});

browserTest("in a pause the file is what is shown, with rows that have closed and why", async () => {
  await using hand = await openHandMarket();
  hand.market.put("first", 50);
  hand.market.put("second", 40, { symbol: "ETH-USDT" });
  await using open = await openPage(shared.browser, hand.url);
  const { page } = open;
  await alive(page);
  // Nothing leaves while the pointer is on the table; the pause then comes by keyboard.
  await page.hover("tbody tr");
  hand.market.close("second", "leg_stale");
  await page.waitForSelector("tbody tr.closed");
  await page.getByRole("button", { name: "Pause" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Paused; 0 changes since");
  hand.market.put("first", 70);
  hand.market.put("third", 90, { buyExchange: "kraken" });
  await page.waitForSelector("text=Paused; 2 changes since");
  const { records } = await exported(page);
  assert.deepEqual(records.map(({ id, net_bps, reason }) => [id, net_bps, reason]), [
    ["first", "50", ""],
    ["second", "40", "leg_stale"],
  ]);
  assert.deepEqual(records.map(routeOf), await shownOrder(page));
  assert.deepEqual(open.complaints, []);
});

browserTest(
  "a row that falls below the filter says so, on the page and in the file, and leaves",
  async () => {
    await using hand = await openHandMarket();
    const second = (profitQuote: number, updatedAt: number) =>
      hand.market.put("second", 40, { symbol: "ETH-USDT", profitQuote, updatedAt });
    const start = Date.now();
    hand.market.put("first", 50, { profitQuote: 30 });
    second(25, start);
    await using open = await openPage(shared.browser, `${hand.url}/?minProfitQuote=20`);
    const { page } = open;
    await alive(page);
    const below = page.locator("tbody tr.below", { hasText: "Below your filter" });
    await page.hover("tbody tr");
    second(5, start + 1);
    await below.waitFor();
    second(26, start + 2);
    await below.waitFor({ state: "detached" });
    second(6, start + 3);
    await below.waitFor();
    await page.getByRole("button", { name: "Pause" }).focus();
    await page.keyboard.press("Enter");
    const reasons = async () =>
      (await exported(page)).records.map(({ id, profit_quote, reason }) => [id, profit_quote, reason]);
    assert.deepEqual(await reasons(), [["first", "30", ""], ["second", "6", "below_filter"]]);
    // The pointer rests on the button that exports.
    await page.getByRole("button", { name: "Pause" }).focus();
    await page.keyboard.press("Enter");
    await below.waitFor({ state: "detached" });
    assert.deepEqual(await reasons(), [["first", "30", ""]]);
    assert.deepEqual(open.complaints, []);
  },
);
