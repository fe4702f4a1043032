/** The page in a real Chromium, on the real program in test mode. */
import assert from "node:assert/strict";
import type { BrowserContextOptions } from "../tools/playwright.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, eventually, type OpenPage, openPage, shownRows } from "./page.ts";
import { startProgram } from "./program.ts";

const { shared, browserTest } = browserTests(startProgram);

/** A test with a page of its own, which must end without a complaint of the browser. */
function pageTest(
  name: string,
  run: (open: OpenPage) => Promise<void>,
  options: BrowserContextOptions = {},
  path = "/",
) {
  browserTest(name, async () => {
    await using open = await openPage(shared.browser, shared.program.url + path, options);
    await run(open);
    assert.deepEqual(open.complaints, []);
  });
}

pageTest("the first paint shows rows, and filters, without JavaScript", async ({ page }) => {
  await eventually("a row is in the document", async () => {
    await page.reload();
    return (await shownRows(page)).length > 0;
  });
  assert.equal(await page.locator("button.with-script:visible").count(), 0);
  await page.selectOption("select[name=exchange]", "kraken");
  await page.click("text=Apply");
  await page.waitForURL(/exchange=kraken/u);
  await eventually("a row of the filtered venue is in the document", async () => {
    await page.reload();
    const rows = await shownRows(page);
    assert.ok(rows.every(({ buy, sell }) => buy === "Kraken" || sell === "Kraken"));
    return rows.length > 0;
  });
}, { javaScriptEnabled: false });

pageTest("the page hydrates and then shows what the API says, while it moves", async ({ page }) => {
  await alive(page);
  const before = (await shownRows(page)).map((row) => row.text).join();
  await eventually(
    "the figures move",
    async () => (await shownRows(page)).map((row) => row.text).join() !== before,
  );
  await eventually("the table has the rows of the API", async () => {
    const { opportunities } = await (await fetch(`${shared.program.url}/opportunities`)).json();
    const wanted = opportunities.map((one: { symbol: string; buyExchange: string; sellExchange: string }) =>
      `${one.symbol} ${one.buyExchange} ${one.sellExchange}`
    );
    const shown = (await shownRows(page)).filter((row) => !row.closed).map((row) => row.route);
    return shown.length > 0 && shown.sort().join() === wanted.sort().join();
  });
});

pageTest("a row that closes stays for a moment and says why", async ({ page }) => {
  await alive(page);
  await page.waitForSelector("tbody tr.closed .reason");
  const [closed] = (await shownRows(page)).filter((row) => row.closed);
  if (closed !== undefined) assert.match(closed.text, /Edge is gone|quote|venue/u);
});

pageTest("the strip shows each venue with its fresh quotes, and follows them", async ({ page }) => {
  await alive(page);
  await page.waitForFunction(() => {
    const cards = [...document.querySelectorAll(".venue-card")];
    return cards.length === 4 && cards.every((card) => /Connected.*10\/10/su.test(card.textContent ?? ""));
  });
  const ages = () => page.locator(".venue-card dd:nth-of-type(1)").allTextContents();
  const before = await ages();
  await eventually("the strip is asked for again", async () => String(await ages()) !== String(before));
});

pageTest("the filter narrows by symbol, venue and net edge, and stands in the address", async ({ page }) => {
  await alive(page);
  await page.selectOption("select[name=exchange]", "okx");
  await eventually("only rows of OKX are shown", async () => {
    const rows = await shownRows(page);
    return rows.length > 0 && rows.every(({ buy, sell }) => buy === "OKX" || sell === "OKX");
  });
  const symbol = (await shownRows(page))[0]?.symbol ?? "BTC-USDT";
  await page.selectOption("select[name=exchange]", "");
  await page.fill("input[name=symbol]", symbol.toLowerCase().replace("-", "/"));
  await eventually(
    "only rows of the symbol are shown",
    async () => (await shownRows(page)).every((row) => row.symbol === symbol),
  );
  await page.fill("input[name=symbol]", "");
  await page.fill("input[name=minNetBps]", "30");
  await eventually("only rows of at least 30 bps are shown", async () => {
    const rows = (await shownRows(page)).filter((row) => !row.closed);
    return rows.length > 0 && rows.every((row) => row.net >= 30 && !row.below);
  });
  assert.equal(new URL(page.url()).search, "?minNetBps=30");
  await page.reload();
  assert.equal(await page.inputValue("input[name=minNetBps]"), "30");
  await alive(page);
});

pageTest("a filter that nothing fits says so and offers the way back", async ({ page }) => {
  await alive(page);
  await page.fill("input[name=symbol]", "nosuchcoin");
  await page.waitForSelector("text=Nothing fits this filter");
  await page.click("text=Clear the filter");
  await page.waitForSelector("tbody tr");
  assert.equal(new URL(page.url()).search, "");
});

pageTest("a heading sorts, by mouse and by keyboard, and says so", async ({ page }) => {
  await alive(page);
  const heading = page.locator("th.col-symbol[role=columnheader]");
  assert.equal(await heading.getAttribute("aria-sort"), "none");
  await heading.getByRole("button").click();
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
  await page.mouse.move(0, 0);
  const sorted = (order: (a: string, b: string) => boolean) => async () => {
    const symbols = (await shownRows(page)).map((row) => row.symbol);
    return symbols.length > 1 && symbols.every((symbol, at) => at === 0 || order(symbols[at - 1]!, symbol));
  };
  await eventually("the rows are sorted by symbol", sorted((a, b) => a <= b));
  await page.keyboard.press("Enter");
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  await eventually("the rows are sorted the other way", sorted((a, b) => a >= b));
  assert.equal(new URL(page.url()).search, "?sort=-symbol");
});

pageTest("no row moves or leaves while the pointer is on the table", async ({ page }) => {
  await alive(page);
  await page.hover("tbody tr");
  let order = (await shownRows(page)).map((row) => row.route);
  let changes = 0;
  let text = "";
  await eventually("the table has changed twenty times under the pointer", async () => {
    const rows = await shownRows(page);
    const now = rows.map((row) => row.route);
    assert.deepEqual(now.slice(0, order.length), order);
    order = now;
    const shown = rows.map((row) => row.text).join();
    if (shown !== text) changes++;
    text = shown;
    return changes >= 20;
  });
});

pageTest("pause holds every figure, and counts what it holds back", async ({ page }) => {
  await alive(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForSelector("text=Paused");
  const before = await page.innerText("tbody");
  await page.waitForFunction(() => Number(/Paused; (\d+)/u.exec(document.body.textContent ?? "")?.[1]) > 50);
  assert.equal(await page.innerText("tbody"), before);
  await page.getByRole("button", { name: "Pause" }).click();
  await eventually("the figures move again", async () => await page.innerText("tbody") !== before);
});

pageTest("the chosen theme beats the system's and is kept", async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await alive(page);
  const dark = await ground();
  const toggle = page.getByRole("button", { name: "Dark theme" });
  assert.equal(await toggle.getAttribute("aria-pressed"), "true");
  await toggle.click();
  const light = await ground();
  assert.notEqual(light, dark);
  await page.reload();
  assert.equal(await ground(), light);
}, { colorScheme: "dark" });

for (const width of [320, 375]) {
  pageTest(`nothing is wider than a phone: ${width} px`, async ({ page }) => {
    await alive(page);
    await page.waitForFunction(() => document.querySelectorAll(".venue-card[data-tone=good]").length === 4);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
    const cards = await page.$$eval(
      ".venue-card",
      (cards) => cards.filter((card) => card.scrollWidth > card.clientWidth).map((card) => card.textContent),
    );
    assert.deepEqual(cards, [], "what a card says stays inside it");
    assert.ok(await page.isVisible("tbody tr .col-buy .price"));
  }, { viewport: { width, height: 812 } });
}

for (const path of ["/", "/pairs/BTC-USDT"]) {
  for (const width of [390, 700]) {
    pageTest(
      `nothing in the header lies under something else: ${path}, ${width} px`,
      async ({ page }) => {
        await page.waitForSelector(".connection[data-state=live]");
        const overlaps = await page.$$eval(".top > *", (items) => {
          const boxes = (items as HTMLElement[]).map((item) => {
            const { left, top, right, bottom } = item.getBoundingClientRect();
            // What a cell is too narrow for reaches out of it.
            return {
              name: item.className,
              left,
              top,
              right: Math.max(right, left + item.scrollWidth),
              bottom,
            };
          }).filter((box) => box.right > box.left);
          return boxes.flatMap((a, at) =>
            boxes.slice(at + 1)
              .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
              .map((b) => `${a.name} and ${b.name}`)
          );
        });
        assert.deepEqual(overlaps, []);
      },
      { viewport: { width, height: 900 } },
      path,
    );
  }
}
