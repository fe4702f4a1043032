/** The page on either stream, in a real Chromium on the real program. */
import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { routeKey } from "../../islands/screener/rows.ts";
import type { Page } from "../tools/playwright.ts";
import { Cable } from "./cable.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, eventually, openPage, shownRows } from "./page.ts";
import { startProgram } from "./program.ts";

const { shared, browserTest } = browserTests();

/** What a page opens from here on: `ws` for a WebSocket, `sse` for events, `client` for the code of the first. */
function openings(page: Page): string[] {
  const opened: string[] = [];
  page.on("websocket", (socket) => opened.push(`ws ${new URL(socket.url()).pathname}`));
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (pathname === "/opportunities/stream") opened.push("sse");
    if (pathname.includes("stream_socket")) opened.push("client");
  });
  return opened;
}

async function showsWhatTheApiSays(page: Page, url: string): Promise<void> {
  await eventually("the rows are those of the API", async () => {
    const { opportunities } = await (await fetch(`${url}/opportunities`)).json();
    const told = opportunities.map((one: Opportunity) => routeKey(one)).sort();
    const shown = (await shownRows(page)).filter((row) => !row.closed).map(({ route }) => route).sort();
    return told.length > 0 && told.join() === shown.join();
  });
}

browserTest("a page follows events where its address does not say otherwise", async () => {
  await using program = await startProgram();
  await using open = await openPage(shared.browser, "about:blank");
  const opened = openings(open.page);
  await open.page.goto(program.url);
  await alive(open.page);
  await showsWhatTheApiSays(open.page, program.url);
  assert.deepEqual(opened, ["sse"]);
  assert.deepEqual(open.complaints, []);
});

browserTest(
  "a page with ?stream=ws follows a WebSocket, through a cut and a switch of the mode",
  async () => {
    await using program = await startProgram();
    await using cable = new Cable(program.port);
    await using open = await openPage(shared.browser, "about:blank");
    const { page, complaints } = open;
    const opened = openings(page);
    await page.goto(`${cable.url}/?stream=ws&sort=symbol`);
    await alive(page);
    assert.deepEqual(opened, ["client", "ws /opportunities/ws"]);
    assert.equal(new URL(page.url()).searchParams.get("stream"), "ws");
    await showsWhatTheApiSays(page, program.url);
    await page.locator("input[name=symbol]").fill("btc");
    await page.waitForURL(/symbol=btc/u);
    assert.equal(new URL(page.url()).searchParams.get("stream"), "ws");
    await page.locator("input[name=symbol]").fill("");
    await page.waitForURL((url) => !url.searchParams.has("symbol"));

    cable.cut();
    await page.waitForSelector(".connection[data-state=reconnecting]");
    await page.waitForSelector(".table-frame[data-old=true]");
    cable.mend();
    await alive(page);
    await showsWhatTheApiSays(page, program.url);

    await page.context().setOffline(true);
    await page.waitForSelector(".connection[data-state=offline]");
    await page.context().setOffline(false);
    await alive(page);
    await showsWhatTheApiSays(page, program.url);

    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "Switch to live" }).click();
    await dialog.getByRole("button", { name: "Switch to live" }).click();
    await page.waitForSelector(".mode[data-mode=live]");
    await dialog.waitFor({ state: "hidden" });
    await page.waitForSelector("text=No venue delivers yet");
    assert.equal(await page.locator("tbody tr").count(), 0);
    await page.getByRole("button", { name: "Switch to test" }).click();
    await dialog.getByRole("button", { name: "Switch to test" }).click();
    await page.waitForSelector(".mode[data-mode=test]");
    await alive(page);
    await showsWhatTheApiSays(page, program.url);

    assert.ok(!opened.includes("sse"), opened.join());
    // A browser itself reports every connection that fails; nothing else may be reported.
    assert.deepEqual(complaints.filter((text) => !/net::ERR_/u.test(text)), []);
  },
);

browserTest("the page of a pair follows a WebSocket, too, of its symbol alone", async () => {
  await using program = await startProgram();
  await using open = await openPage(shared.browser, "about:blank");
  const sockets: URL[] = [];
  open.page.on("websocket", (socket) => sockets.push(new URL(socket.url())));
  const opened = openings(open.page);
  await open.page.goto(`${program.url}/pairs/BTC-USDT?stream=ws`);
  await eventually("it has a WebSocket", () => Promise.resolve(sockets.length === 1));
  assert.equal(sockets[0]!.searchParams.get("symbol"), "BTC-USDT");
  await open.page.waitForSelector(".connection[data-state=live]");
  assert.ok(!opened.includes("sse"));
  assert.deepEqual(open.complaints, []);
});
