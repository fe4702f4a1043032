/** The switch of the mode where the program has an admin token, in a real Chromium on the real program. */
import assert from "node:assert/strict";
import { browserTests } from "./browser_tests.ts";
import { alive, openPage } from "./page.ts";
import { startProgram } from "./program.ts";
import { violations } from "./violations.ts";

const TOKEN = "a-token-for-this-test-alone-0123456789";
const { shared, browserTest } = browserTests(() => startProgram(0, { MARKETFLOW_SERVER_ADMINTOKEN: TOKEN }));

const modeNow = async () => (await (await fetch(`${shared.program.url}/mode`)).json()).mode;

browserTest(
  "the mode is switched with the admin's token, which the page asks for and does not keep",
  async () => {
    await using open = await openPage(shared.browser, shared.program.url, { reducedMotion: "reduce" });
    const { page, complaints } = open;
    await alive(page);
    await page.getByRole("button", { name: "Switch to live" }).click();
    const dialog = page.getByRole("dialog", { name: "Switch to live mode?" });
    const go = dialog.getByRole("button", { name: "Switch to live" });
    const field = dialog.getByLabel("Admin token");
    assert.equal(await field.count(), 0, "who needs no token is not asked for one");
    await go.click();
    await field.waitFor();
    assert.ok(await field.evaluate((input) => input === document.activeElement));
    assert.equal(await field.getAttribute("type"), "password");
    assert.equal(await dialog.getByRole("alert").innerText(), "");

    await field.fill("wrong");
    await page.keyboard.press("Enter");
    await dialog.getByText("This token is not the right one").waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await modeNow(), "test");

    await field.fill(TOKEN);
    await go.click();
    await page.waitForSelector(".mode[data-mode=live]");
    await dialog.waitFor({ state: "hidden" });
    assert.equal(await modeNow(), "live");

    // The page knows it now, and nothing else does.
    await page.getByRole("button", { name: "Switch to test" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch to test" }).click();
    await page.waitForSelector(".mode[data-mode=test]");
    const kept = await page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
    );
    assert.ok(!kept.includes(TOKEN));
    await page.reload();
    await alive(page);
    await page.getByRole("button", { name: "Switch to live" }).click();
    await go.click();
    await field.waitFor();

    // Chromium writes every 401 to its console.
    assert.deepEqual(complaints.filter((one) => !one.includes("401 (Unauthorized)")), []);
  },
);
