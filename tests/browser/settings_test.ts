/** The settings drawer, what it keeps, and views that are linked to, in a real Chromium on the real program. */
import assert from "node:assert/strict";
import { SETTINGS_KEY } from "../../islands/screener/settings.ts";
import type { BrowserContextOptions, Page } from "../tools/playwright.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, eventually, type OpenPage, openPage, shownRows } from "./page.ts";
import { startProgram } from "./program.ts";
import { violations } from "./violations.ts";

const { shared, browserTest } = browserTests(startProgram);

function pageTest(
  name: string,
  run: (open: OpenPage) => Promise<void>,
  options: BrowserContextOptions = {},
  path = "/",
) {
  browserTest(name, async () => {
    await using open = await openPage(shared.browser, shared.program.url + path, {
      reducedMotion: "reduce",
      ...options,
    });
    await run(open);
    assert.deepEqual(open.complaints, []);
  });
}

const openSettings = (page: Page) => page.getByRole("button", { name: /^Settings/u }).click();
const closeSettings = (page: Page) => page.getByRole("button", { name: "Close the settings" }).click();
const headings = (page: Page) =>
  page.$$eval("thead th", (cells) => cells.map((cell) => /col-(\w+)/u.exec(cell.className)![1]));
const cells = (page: Page) =>
  page.$eval("tbody tr", (row) => [...row.children].map((cell) => /col-(\w+)/u.exec(cell.className)![1]));
/** What has the focus, in its words. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.ariaLabel ??
      activeElement?.querySelector<HTMLElement>(":scope > legend")?.innerText;
  });
const search = (page: Page) => new URL(page.url()).search;

pageTest("the drawer takes the focus, keeps it, and gives it back, by keyboard alone", async ({ page }) => {
  await alive(page);
  const gear = page.getByRole("button", { name: "Settings", exact: true });
  await gear.focus();
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Settings" });
  await drawer.waitFor();
  const inside = () => page.evaluate(() => document.activeElement?.closest("dialog") !== null);
  const stops = new Set<number>();
  for (let i = 0; i < 60; i++) {
    const stop = await page.evaluate(() => {
      const { activeElement } = document;
      return [...document.querySelectorAll("dialog *")].indexOf(activeElement!);
    });
    stops.add(stop);
    await page.keyboard.press("Tab");
  }
  assert.ok(stops.size > 15, `${stops.size} places to stop`);
  // Beside the drawer there is only the browser's own bar, which belongs to no element.
  assert.equal(await page.evaluate(() => document.activeElement?.closest("main, header > .button")), null);
  await gear.evaluate((button) => button.focus());
  assert.ok(await inside(), "what lies behind cannot be reached");
  await page.keyboard.press("Escape");
  await drawer.waitFor({ state: "hidden" });
  assert.equal(await gear.evaluate((button) => button === document.activeElement), true);
});

pageTest("a press beside the drawer closes it", async ({ page }) => {
  await alive(page);
  await openSettings(page);
  await page.mouse.click(100, 500);
  await page.getByRole("dialog").waitFor({ state: "hidden" });
});

pageTest("thresholds narrow what is shown and are kept over a reload", async ({ page }) => {
  await alive(page);
  await openSettings(page);
  await page.getByRole("dialog").getByLabel("Net from, bps").fill("15");
  await page.getByLabel("Profit from, quote").fill("2.5");
  await page.getByLabel("Size from, quote").fill("300");
  await closeSettings(page);
  assert.equal(search(page), "", "the bare address is one's own view");
  const narrowed = async () => {
    const rows = (await shownRows(page)).filter((row) => !row.closed);
    return rows.length > 0 && rows.every(({ net }) => net >= 14.9);
  };
  // A row keeps its place when its figures fall, until the table is at rest.
  await eventually("only rows of at least 15 bps are shown", narrowed);
  await page.waitForSelector(".chip:has-text('Profit from 2.5')");
  await page.reload();
  await page.waitForSelector(".chip:has-text('Size from 300')");
  assert.equal(await page.inputValue("input[name=minNetBps]"), "15");
  await eventually("only rows of at least 15 bps are shown again", narrowed);
  await page.getByRole("button", { name: "Remove the filter Profit from 2.5" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".chip:has-text('Profit')", { state: "detached" });
  assert.equal(search(page), "?minNetBps=15&minNotionalQuote=300");
  assert.equal(await focused(page), "Remove the filter Size from 300");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".chip", { state: "detached" });
  assert.equal(await focused(page), "Opportunities");
});

pageTest("columns leave head and rows at once, and stay away", async ({ page }) => {
  await alive(page);
  const all = await headings(page);
  await openSettings(page);
  await page.getByLabel("Gross, bps").uncheck();
  await page.getByLabel("Trend").uncheck();
  const fewer = all.filter((key) => key !== "gross" && key !== "trend");
  assert.deepEqual(await headings(page), fewer);
  assert.deepEqual(await cells(page), fewer);
  await page.reload();
  await page.waitForFunction(() => document.querySelector("thead .col-trend") === null);
  await alive(page);
  assert.deepEqual(await headings(page), fewer);
  assert.deepEqual(await cells(page), fewer);
});

pageTest(
  "a card on a phone has only the chosen figures, and a closed one always its reason",
  async ({ page }) => {
    await alive(page);
    await openSettings(page);
    for (const label of ["Costs", "Size", "Open for"]) {
      await page.getByLabel(label, { exact: true }).uncheck();
    }
    await closeSettings(page);
    assert.equal(await page.locator("tbody :is(.col-costs, .col-size, .col-age)").count(), 0);
    assert.ok(await page.isVisible("tbody tr .col-profit"));
    await page.waitForSelector("tbody tr.closed .reason");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  },
  { viewport: { width: 390, height: 844 } },
);

pageTest(
  "the theme of the drawer and of the button are one, with the way back to the system's",
  async ({ page }) => {
    const dark = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    await alive(page);
    await page.getByRole("button", { name: "Dark theme" }).click();
    await openSettings(page);
    assert.ok(await page.getByLabel("Light", { exact: true }).isChecked());
    await page.getByLabel("Dark", { exact: true }).check();
    assert.equal(await dark(), "dark");
    await page.reload();
    assert.equal(await dark(), "dark");
    await alive(page);
    await openSettings(page);
    await page.getByLabel("System", { exact: true }).check();
    assert.equal(await dark(), "light dark");
    assert.equal(await page.evaluate(() => localStorage.getItem("theme")), null);
  },
  { colorScheme: "dark" },
);

pageTest("a link shows somebody else the same view, from the first paint", async ({ page }) => {
  await alive(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.selectOption("select[name=exchange]", "okx");
  await page.locator("th.col-profit button").click();
  await openSettings(page);
  await page.getByLabel("Profit from, quote").fill("0.5");
  for (const label of ["Gross, bps", "Trend", "Costs"]) await page.getByLabel(label).uncheck();
  await closeSettings(page);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForSelector("text=Copied");
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(link, page.url());

  // The other browser has wishes of its own, which a link does not ask for.
  const theirs = JSON.stringify({ version: 1, thresholds: { minNetBps: 500 }, columns: ["age"] });
  await using other = await openPage(shared.browser, link, {}, (context) =>
    context.addInitScript(
      ([key, value]) => localStorage.setItem(key!, value!),
      [SETTINGS_KEY, theirs],
    ));
  const columns = ["symbol", "buy", "sell", "net", "profit", "size", "age"];
  await alive(other.page);
  assert.deepEqual(await headings(other.page), columns);
  assert.equal(await other.page.locator("th.col-profit").getAttribute("aria-sort"), "descending");
  assert.equal(await other.page.inputValue("select[name=exchange]"), "okx");
  assert.ok(await other.page.isVisible(".chip:has-text('Profit from 0.5')"));
  assert.equal(await other.page.inputValue("input[name=minNetBps]"), "");
  await openSettings(other.page);
  await other.page.getByRole("link", { name: "Back to your own view" }).click();
  await closeSettings(other.page);
  assert.equal(search(other.page), "");
  assert.equal(await other.page.inputValue("input[name=minNetBps]"), "500");
  assert.deepEqual(other.complaints, []);

  // What the server paints is that view already.
  await using still = await openPage(shared.browser, link, { javaScriptEnabled: false });
  await eventually("a row is in the document", async () => {
    await still.page.reload();
    return (await shownRows(still.page)).length > 0;
  });
  assert.deepEqual(await headings(still.page), columns);
  await still.page.click("text=Apply");
  await still.page.waitForURL(/minProfitQuote=0\.5/u);
  assert.equal(await still.page.locator("th.col-gross").count(), 0);
});

pageTest("a link to the plain view shows the plain view", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await alive(page);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.waitForSelector("text=Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${shared.program.url}/?sort=-net`);
});

pageTest("views are saved under names, chosen, and deleted", async ({ page }) => {
  await alive(page);
  await page.fill("input[name=symbol]", "doge");
  await openSettings(page);
  await page.getByLabel("Name for what is shown now").fill("Dogs");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Dogs" }).first().waitFor();
  await closeSettings(page);
  const chip = page.getByRole("navigation", { name: "Saved views" }).getByRole("link", { name: "Dogs" });
  assert.equal(await chip.getAttribute("aria-current"), "true");
  await page.goto(shared.program.url);
  await alive(page);
  assert.equal(await chip.getAttribute("aria-current"), "false");
  await chip.click();
  assert.equal(await page.inputValue("input[name=symbol]"), "doge");
  assert.equal(search(page), "?symbol=doge");
  assert.equal(await chip.getAttribute("href"), "/?symbol=doge");
  await openSettings(page);
  await page.getByRole("button", { name: "Delete the view Dogs" }).click();
  await closeSettings(page);
  assert.equal(await chip.count(), 0);
});

pageTest(
  "a saved view of the drawer is shown without loading the page anew",
  async ({ page }) => {
    await alive(page);
    await page.fill("input[name=symbol]", "doge");
    await openSettings(page);
    await page.getByLabel("Name for what is shown now").fill("Dogs");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("link", { name: "Dogs" }).waitFor();
    await closeSettings(page);
    await page.fill("input[name=symbol]", "");
    await page.getByRole("button", { name: "Pause" }).click();
    await openSettings(page);
    await page.getByRole("dialog").getByRole("link", { name: "Dogs" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    assert.equal(search(page), "?symbol=doge&stream=ws");
    assert.ok(await page.isVisible("text=Paused"));
  },
  {},
  "/?stream=ws",
);

pageTest("the focus goes on where a saved view is deleted", async ({ page }) => {
  await alive(page);
  await openSettings(page);
  for (const name of ["A", "B", "C"]) {
    await page.getByLabel("Name for what is shown now").fill(name);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Delete the view ${name}` }).waitFor();
  }
  await page.getByRole("button", { name: "Delete the view B" }).focus();
  for (const next of ["Delete the view C", "Delete the view A", "Saved views"]) {
    const rows = await page.locator(".drawer-views li").count();
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      (fewer) => document.querySelectorAll(".drawer-views li").length === fewer,
      rows - 1,
    );
    assert.equal(await focused(page), next);
  }
});

pageTest("another tab follows, and neither loses what the other kept", async ({ page }) => {
  await alive(page);
  const other = await page.context().newPage();
  await other.goto(shared.program.url);
  await alive(other);
  await openSettings(page);
  await page.getByLabel("Trend").uncheck();
  await other.waitForSelector("thead .col-trend", { state: "detached" });
  await openSettings(other);
  await other.getByLabel("Profit from, quote").fill("0.01");
  await page.waitForSelector(".chip:has-text('Profit from 0.01')");
  assert.equal(await page.locator("thead .col-trend").count(), 0);
});

pageTest("everything can be reset, and saved views stay", async ({ page }) => {
  await alive(page);
  await page.fill("input[name=symbol]", "e");
  await openSettings(page);
  await page.getByLabel("Name for what is shown now").fill("With an E");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("Net from, bps").fill("12");
  await page.getByLabel("Trend").uncheck();
  await page.getByLabel("Light", { exact: true }).check();
  await page.getByRole("button", { name: "Reset to defaults" }).click();
  const done = page.getByText("Everything is as it was at first");
  await done.waitFor();
  await page.getByLabel("Dark", { exact: true }).check();
  await done.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Reset to defaults" }).click();
  await done.waitFor();
  await closeSettings(page);
  assert.equal(search(page), "");
  assert.equal(await page.locator("thead .col-trend").count(), 1);
  assert.equal(await page.inputValue("input[name=minNetBps]"), "");
  assert.equal(await page.locator(".chip").innerText(), "With an E");
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), undefined);
});

browserTest("rubbish in the storage is nothing to stumble over", async () => {
  for (
    const rubbish of ["{", '{"version":1,"columns":7,"alerts":[],"views":{"length":3}}', '{"version":99}']
  ) {
    await using open = await openPage(
      shared.browser,
      shared.program.url,
      {},
      (context) =>
        context.addInitScript(([key, value]) => localStorage.setItem(key!, value!), [SETTINGS_KEY, rubbish]),
    );
    await alive(open.page);
    assert.equal((await headings(open.page)).length, 10);
    assert.deepEqual(open.complaints, []);
  }
});

browserTest("where storage is forbidden, settings work until the page is left, and say so", async () => {
  await using open = await openPage(
    shared.browser,
    shared.program.url,
    {},
    (context) =>
      context.addInitScript(() =>
        Object.defineProperty(globalThis, "localStorage", {
          get: () => {
            throw new DOMException("Forbidden", "SecurityError");
          },
        })
      ),
  );
  const { page } = open;
  await alive(page);
  await openSettings(page);
  await page.getByLabel("Trend").uncheck();
  await page.waitForSelector("thead .col-trend", { state: "detached" });
  await page.getByLabel("Dark", { exact: true }).check();
  await page.waitForSelector("text=This browser forbids the page to keep anything");
  assert.deepEqual(open.complaints, []);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1600]) {
    pageTest(
      `nothing of the settings stands in the way of assistive technology: ${colorScheme}, ${width} px`,
      async ({ page }) => {
        await alive(page);
        await page.getByRole("button", { name: "Pause" }).click();
        await openSettings(page);
        assert.deepEqual(await violations(page), [], "as they are at first");
        await page.getByLabel("Profit from, quote").fill("0.01");
        await page.getByLabel("Name for what is shown now").fill("Any profit");
        await page.keyboard.press("Enter");
        await page.getByRole("switch", { name: "Sound" }).click();
        await page.getByLabel("Volume").waitFor();
        assert.deepEqual(await violations(page), [], "with more in them");
        const body = page.locator(".drawer-body");
        assert.equal(await body.evaluate((one) => one.scrollWidth - one.clientWidth), 0);
        await closeSettings(page);
        assert.deepEqual(await violations(page), [], "with chips above the table");
      },
      { colorScheme, viewport: { width, height: 900 } },
    );
  }
}
