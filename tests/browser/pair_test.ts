/** The page of a pair in a real Chromium, on the real program in test mode. */
import assert from "node:assert/strict";
import type { BrowserContextOptions, Page } from "../tools/playwright.ts";
import { Cable } from "./cable.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, eventually, type OpenPage, openPage } from "./page.ts";
import { startProgram } from "./program.ts";
import { stubHistory } from "./stubbed_history.ts";
import { violations } from "./violations.ts";

const { shared, browserTest } = browserTests(startProgram);

interface PairTestOptions extends BrowserContextOptions {
  path?: string;
  /** Before the page is opened. */
  prepare?: (page: Page) => Promise<unknown>;
  /** Of the browser's complaints, what belongs to the test. */
  expected?: RegExp;
}

/** What the browser says of the tests that look at pixels. */
const OWN = /^Canvas2D: Multiple readback/u;

/** A test with a page of its own, which must end without a complaint of the browser: no error, no violated policy. */
function pairTest(
  name: string,
  run: (open: OpenPage) => Promise<void>,
  { path = "/pairs/BTC-USDT", prepare, expected, ...options }: PairTestOptions = {},
) {
  browserTest(name, async () => {
    await using open = await openPage(shared.browser, "about:blank", options);
    await prepare?.(open.page);
    await open.page.goto(shared.program.url + path);
    await run(open);
    const complaints = open.complaints.filter((text) => !expected?.test(text) && !OWN.test(text));
    assert.deepEqual(complaints, []);
  });
}

async function follows(page: Page): Promise<void> {
  await page.waitForSelector(".connection[data-state=live]");
}

/** How many pixels of a chart are not of the colour in its corner. */
function drawnPixels(page: Page, chart: string): Promise<number> {
  return page.$$eval(
    `${chart} canvas`,
    (canvases) =>
      (canvases as HTMLCanvasElement[]).filter(({ width, height }) => width * height > 0).reduce(
        (sum, canvas) => {
          const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
          const pixels = new Uint32Array(data.buffer);
          return sum + pixels.filter((pixel) => pixel !== pixels[0] && pixel !== 0).length;
        },
        0,
      ),
  );
}

/** The colour that most of a chart has, `r,g,b`. */
function groundOf(page: Page, chart: string): Promise<string> {
  return page.$eval(`${chart} canvas`, (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const count = new Map<string, number>();
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.slice(at, at + 3).join();
      count.set(colour, (count.get(colour) ?? 0) + 1);
    }
    return [...count].reduce((most, one) => one[1] > most[1] ? one : most)[0];
  });
}

pairTest("every venue's quote is in the first document, without JavaScript", async ({ page }) => {
  await eventually("all four quotes are in the document", async () => {
    await page.reload();
    return (await page.locator(".quotes tbody tr[data-exchange] .price").count()) === 8;
  });
  assert.equal((await page.innerText("h1")).replace(/\s/gu, ""), "BTC-USDT");
  assert.equal(await page.locator(".best-bid").count() >= 1, true);
  assert.equal(await page.locator(".chart-panel:visible").count(), 0);
  await page.click("text=All opportunities");
  assert.equal(new URL(page.url()).pathname, "/");
}, { javaScriptEnabled: false });

pairTest("the quotes are those of the API, and move", async ({ page }) => {
  await follows(page);
  const before = await page.innerText(".quotes tbody");
  await eventually("the quotes move", async () => await page.innerText(".quotes tbody") !== before);
  const { quotes } = await (await fetch(`${shared.program.url}/prices/latest/BTC-USDT`)).json();
  const exchanges = quotes.map((quote: { exchange: string }) => quote.exchange);
  const shown = await page.$$eval(".quotes tbody tr", (rows) => rows.map((row) => row.dataset.exchange));
  assert.deepEqual(shown, exchanges);
  assert.match(await page.innerText(".headline-best"), /Best route now: -?\d+\.\d bps after fees/u);
});

pairTest("a route that costs more than it brings is not marked, one that pays is", async ({ page }) => {
  await follows(page);
  await eventually("every route has an edge that fits its mark", async () => {
    const cells = await page.$$eval(
      ".routes tbody td.number:not(.same)",
      (cells) => cells.map((cell) => [Number(cell.textContent), cell.classList.contains("pays")] as const),
    );
    return cells.length === 12 &&
      cells.every(([netBps, pays]) => Math.abs(netBps - 5) < 0.1 || netBps > 5 === pays);
  });
});

pairTest("both charts are drawn, and say in words what they show", async ({ page }) => {
  for (const chart of ["#spread .chart", "#prices .chart"]) {
    await eventually(`${chart} is drawn`, async () => await drawnPixels(page, chart) > 3000);
  }
  assert.match(await page.innerText("#prices-summary"), /^Bybit last [\d,.]+, between .* bars of 1 minute$/u);
  assert.match(
    await page.innerText("#spread-summary"),
    /^-?\d+\.\d bps: buy at .*, sell at .*% of the time/u,
  );
  assert.equal(await page.locator(".chart-instead").count(), 0);
}, { prepare: stubHistory });

pairTest("a program that has just begun fills both charts by itself", async ({ page }) => {
  await page.waitForSelector("#prices-summary:has-text('of 1 minute')");
  await page.waitForSelector("#spread-summary:has-text('buy at')");
  for (const chart of ["#spread .chart", "#prices .chart"]) {
    await eventually(`${chart} is drawn`, async () => await drawnPixels(page, chart) > 1000);
  }
  await page.getByRole("radio", { name: "Last hour" }).check({ force: true });
  // A day and a minute, where five minutes are told by the second.
  await eventually(
    "the hour is told",
    async () => /Since \d+ \w+ \d\d:\d\d between/u.test(await page.innerText("#spread-summary")),
  );
});

pairTest("the pointer names the bar, and the route with its prices", async ({ page }) => {
  // A chart hears nothing of a pointer that came before it did.
  for (const chart of ["#spread .chart", "#prices .chart"]) {
    await eventually(`${chart} is drawn`, async () => await drawnPixels(page, chart) > 3000);
  }
  const before = await page.innerText("#prices .chart-legend");
  await page.hover("#prices .chart", { position: { x: 300, y: 150 } });
  await eventually(
    "the legend follows",
    async () => await page.innerText("#prices .chart-legend") !== before,
  );
  await page.hover("#spread .chart", { position: { x: 300, y: 120 } });
  await page.waitForSelector("#spread .chart-legend:has-text('buy at')");
}, { prepare: stubHistory });

pairTest("another venue and another interval are one click or one key away", async ({ page }) => {
  await follows(page);
  await page.getByRole("radio", { name: "Kraken" }).check({ force: true });
  await page.waitForSelector("#prices-summary:has-text('Kraken last')");
  await page.getByRole("radio", { name: "5 minutes", exact: true }).check({ force: true });
  await page.waitForSelector("#prices-summary:has-text('bars of 5 minutes')");
  assert.equal(new URL(page.url()).search, "?exchange=kraken&interval=5m");
  await page.getByRole("radio", { name: "5 minutes", exact: true }).focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("#prices-summary:has-text('bars of 1 hour')");
  await page.reload();
  await page.waitForSelector("#prices-summary:has-text('Kraken last')");
  assert.equal(await page.getByRole("radio", { name: "1 hour", exact: true }).isChecked(), true);
  await page.getByRole("radio", { name: "Last day" }).check({ force: true });
  await page.waitForSelector("#spread-summary:has-text('In the last day')");
  await eventually("the day is drawn", async () => await drawnPixels(page, "#spread .chart") > 3000);
}, { prepare: stubHistory });

pairTest("the theme recolours the charts at once", async ({ page }) => {
  await eventually("the chart is drawn", async () => await drawnPixels(page, "#prices .chart") > 3000);
  // A chart that gets another size is empty until its next frame.
  await eventually("it is dark", async () => await groundOf(page, "#prices .chart") === "17,24,30");
  await page.getByRole("button", { name: "Dark theme" }).click();
  for (const chart of ["#spread .chart", "#prices .chart"]) {
    await eventually(`${chart} is light`, async () => await groundOf(page, chart) === "255,255,255");
  }
}, { prepare: stubHistory, colorScheme: "dark" });

pairTest("finished opportunities are listed with their best edge and why they ended", async ({ page }) => {
  await page.waitForSelector(".episodes tbody tr:has-text('A quote went stale')");
  assert.ok(await page.locator(".episodes tbody tr").count() >= 20);
}, { prepare: stubHistory });

pairTest(
  "what is open is listed first, as the API has it, and stays in the list when it ends",
  async ({ page }) => {
    await follows(page);
    const open = page.locator(".episodes tr.open");
    const names: Record<string, string> = { bybit: "Bybit", okx: "OKX", gateio: "Gate.io", kraken: "Kraken" };
    await eventually("an open opportunity is listed", async () => {
      const { opportunities } = await (await fetch(`${shared.program.url}/opportunities?symbol=BTC-USDT`))
        .json();
      const wanted = opportunities.map((one: { buyExchange: string; sellExchange: string }) =>
        `${names[one.buyExchange]} → ${names[one.sellExchange]}`
      );
      const shown = await open.locator("th").allInnerTexts();
      return shown.length > 0 && shown.sort().join() === wanted.sort().join();
    });
    await eventually("it has ended", async () => await open.count() === 0, 120_000);
    assert.notEqual(await page.locator(".episodes .why").count(), 0);
  },
);

pairTest("a program that has just begun says so instead of an empty chart", async ({ page }) => {
  await page.waitForSelector("#prices .chart-instead:has-text('within a minute')");
  await page.waitForSelector("#prices-summary:has-text('No bars of Bybit')");
}, {
  prepare: (page) => stubHistory(page, (route) => route.fulfill({ json: { bars: [] } })),
});

pairTest("a history that cannot be reached is said in place, and found again by itself", async ({ page }) => {
  const said = page.locator("#prices .banner", { hasText: "The database is down" });
  await said.waitFor();
  await follows(page);
  await stubHistory(page);
  await page.waitForSelector("#prices-summary:has-text('Bybit last')");
  await said.waitFor({ state: "detached" });
}, {
  prepare: (page) =>
    stubHistory(
      page,
      (route) =>
        route.fulfill({
          status: 503,
          json: { title: "History unreachable", detail: "The database is down" },
        }),
    ),
  expected: /status of 503/u,
});

pairTest(
  "a lost connection is said, the quotes are marked as old, and it recovers by itself",
  async ({ page }) => {
    await using cable = new Cable(shared.program.port);
    await page.goto(`${cable.url}/pairs/BTC-USDT`);
    await follows(page);
    cable.cut();
    await page.waitForSelector(".connection[data-state=reconnecting]");
    await page.waitForSelector(".banner:has-text('has not changed')");
    await page.waitForSelector(".table-frame[data-old=true]");
    cable.mend();
    await follows(page);
    await page.waitForSelector(".table-frame[data-old=false]");
  },
  { prepare: stubHistory, expected: /net::ERR_/u },
);

pairTest(
  "a page that nobody sees asks for nothing, and goes on at once when it is seen",
  async ({ page }) => {
    await follows(page);
    let asked = 0;
    const see = (state: string) =>
      page.evaluate((state) => {
        Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, state);
    await see("hidden");
    // What was under way has its answer by now.
    await page.waitForLoadState("networkidle");
    page.on("request", () => asked++);
    await page.waitForTimeout(3000);
    assert.equal(asked, 0);
    await see("visible");
    await eventually("it asks again", () => Promise.resolve(asked > 0));
  },
  { prepare: stubHistory },
);

pairTest(
  "a row of the screener leads to its pair, and only there the chart library is loaded",
  async ({ page }) => {
    const scripts: string[] = [];
    page.on("request", (request) => scripts.push(request.url()));
    await page.reload();
    await alive(page);
    assert.equal(scripts.some((url) => url.includes("/dist/library-")), false);
    await page.locator("tbody tr:not(.closed) .pair-link").first().hover();
    // Under the pointer no row leaves, but one may close, and another is the first that is open then.
    const link = page.locator("tbody tr:hover .pair-link");
    const symbol = (await link.textContent())!;
    await link.click();
    await page.waitForURL(`**/pairs/${symbol}`);
    await follows(page);
    await eventually(
      "the library is loaded",
      () => Promise.resolve(scripts.some((url) => url.includes("/dist/library-"))),
    );
  },
  { path: "/", prepare: stubHistory },
);

pairTest("a pair that is not watched is a page that lists what is", async ({ page }) => {
  assert.equal(await page.innerText("h1"), "NO-SUCH is not watched");
  await page.click("text=ETH-USDT");
  await page.waitForURL("**/pairs/ETH-USDT");
}, { path: "/pairs/NO-SUCH", prepare: stubHistory, expected: /status of 404/u });

browserTest(
  "any spelling leads to the canonical address, and a program gets a problem document",
  async () => {
    for (const text of ["BTCUSDT", "btc_usdt", "BTC%2FUSDT"]) {
      const response = await fetch(`${shared.program.url}/pairs/${text}?interval=1h`, { redirect: "manual" });
      await response.body?.cancel();
      assert.equal(response.status, 308, text);
      assert.equal(response.headers.get("location"), "/pairs/BTC-USDT?interval=1h");
    }
    const problem = await fetch(`${shared.program.url}/pairs/NO-SUCH`);
    assert.equal(problem.status, 404);
    assert.ok((await problem.json()).knownSymbols.includes("BTC-USDT"));
  },
);

browserTest("a switch of the mode brings the page of the other market", async () => {
  await using own = await startProgram();
  await using open = await openPage(shared.browser, `${own.url}/pairs/BTC-USDT`);
  await follows(open.page);
  await fetch(`${own.url}/mode/live`, { method: "POST" });
  await open.page.waitForSelector(".mode[data-mode=live]");
  // Nobody listens where live mode looks for venues: no made-up quote may stay.
  await open.page.waitForSelector(".quotes tbody tr:has-text('No quote')");
  assert.equal(await open.page.locator(".quotes .price").count(), 0);
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1600]) {
    pairTest(
      `nothing stands in the way of assistive technology: ${colorScheme}, ${width} px`,
      async ({ page }) => {
        await follows(page);
        await eventually("the chart is drawn", async () => await drawnPixels(page, "#prices .chart") > 1000);
        assert.deepEqual(await violations(page), []);
        const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(tooWide <= 0, `The page is ${tooWide} px too wide`);
      },
      { prepare: stubHistory, colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } },
    );
  }
}
