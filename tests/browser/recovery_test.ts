/** What the page makes of a cut stream, a restarted program and a switch of the mode, in a real Chromium. */
import assert from "node:assert/strict";
import type { Page } from "../tools/playwright.ts";
import { freePort } from "../ports.ts";
import { Cable } from "./cable.ts";
import { browserTests } from "./browser_tests.ts";
import { alive, eventually, openPage, shownRows } from "./page.ts";
import { startProgram } from "./program.ts";

const { shared, browserTest } = browserTests();

/** A browser itself reports every connection that fails; nothing else may be reported. */
function assertOnlyLostConnections(complaints: readonly string[]): void {
  assert.deepEqual(complaints.filter((text) => !/net::ERR_/u.test(text)), []);
}

async function moves(page: Page): Promise<void> {
  const before = await page.innerText("tbody");
  await eventually("the figures move", async () => await page.innerText("tbody") !== before);
}

browserTest("a cut stream is said, its rows are marked as old, and it recovers by itself", async () => {
  await using program = await startProgram();
  await using cable = new Cable(program.port);
  await using open = await openPage(shared.browser, cable.url);
  const { page, complaints } = open;
  await alive(page);
  assert.deepEqual(complaints, []);
  cable.cut();
  await page.waitForSelector(".connection[data-state=reconnecting]");
  await page.waitForSelector("text=The stream is cut");
  await page.waitForSelector(".table-frame[data-old=true]");
  cable.mend();
  await alive(page);
  await page.waitForSelector(".banner", { state: "detached" });
  await moves(page);
  assertOnlyLostConnections(complaints);
});

browserTest(
  "a program that comes back on its port is found again, and nothing of the old one stays",
  async () => {
    // One that is not given to connections: the browser tries to reach it while nobody listens there.
    const port = freePort();
    await using first = await startProgram(port);
    await using open = await openPage(shared.browser, first.url);
    const { page, complaints } = open;
    await alive(page);
    await first[Symbol.asyncDispose]();
    await page.waitForSelector(".connection[data-state=reconnecting]");
    await using second = await startProgram(port);
    await alive(page);
    await eventually("the table has the rows of the new program", async () => {
      const { opportunities } = await (await fetch(`${second.url}/opportunities`)).json();
      const shown = (await shownRows(page)).filter((row) => !row.closed);
      return shown.length > 0 && shown.length === opportunities.length;
    });
    assertOnlyLostConnections(complaints);
  },
);

browserTest("a device without a network says so, and goes on when it is back", async () => {
  await using program = await startProgram();
  await using open = await openPage(shared.browser, program.url);
  const { page, complaints } = open;
  await alive(page);
  await page.context().setOffline(true);
  await page.waitForSelector(".connection[data-state=offline]");
  await page.context().setOffline(false);
  await alive(page);
  await moves(page);
  assertOnlyLostConnections(complaints);
});

browserTest("the mode is switched after a question, there and back", async () => {
  await using program = await startProgram();
  await using open = await openPage(shared.browser, program.url);
  const { page, complaints } = open;
  await alive(page);
  const mode = async () => (await (await fetch(`${program.url}/mode`)).json()).mode;

  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Switch to live" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await mode(), "test");

  await page.getByRole("button", { name: "Switch to live" }).click();
  await dialog.getByRole("button", { name: "Switch to live" }).click();
  await page.waitForSelector(".mode[data-mode=live]");
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await mode(), "live");
  // Nobody listens where live mode looks for venues: no made-up row may stay.
  await page.waitForSelector("h1:text('Waiting for quotes')");
  await page.waitForSelector("text=No venue delivers yet");
  assert.equal(await page.locator("tbody tr").count(), 0);

  await page.getByRole("button", { name: "Switch to test" }).click();
  await dialog.getByRole("button", { name: "Switch to test" }).click();
  await page.waitForSelector(".mode[data-mode=test]");
  await alive(page);
  await moves(page);
  assert.deepEqual(complaints, []);
});

browserTest("a switch that fails says why, and the question stays open", async () => {
  await using program = await startProgram();
  await using cable = new Cable(program.port);
  await using open = await openPage(shared.browser, cable.url);
  const { page } = open;
  await alive(page);
  await page.getByRole("button", { name: "Switch to live" }).click();
  cable.cut();
  await page.getByRole("dialog").getByRole("button", { name: "Switch to live" }).click();
  await page.getByRole("alert").filter({ hasText: "The mode was not switched" }).waitFor();
});
