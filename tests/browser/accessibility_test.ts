/** axe-core on the page, in both themes and at both ends of width. */
import assert from "node:assert/strict";
import { browserTests } from "./browser_tests.ts";
import { alive, openPage } from "./page.ts";
import { startProgram } from "./program.ts";
import { violations } from "./violations.ts";

const { shared, browserTest } = browserTests(startProgram);

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [375, 1600]) {
    browserTest(
      `nothing stands in the way of assistive technology: ${colorScheme}, ${width} px`,
      async () => {
        // Without motion a colour is either there or not: a scan cannot fall into the middle of a fading.
        const options = { colorScheme, reducedMotion: "reduce", viewport: { width, height: 900 } } as const;
        await using open = await openPage(shared.browser, shared.program.url, options);
        const { page } = open;
        await alive(page);
        await page.waitForSelector("tbody tr.closed");
        await page.getByRole("button", { name: "Pause" }).click();
        assert.deepEqual(await violations(page), [], "with rows");
        await page.getByRole("button", { name: "Switch to live" }).click();
        assert.deepEqual(await violations(page), [], "with the question");
        await page.keyboard.press("Escape");
        await page.fill("input[name=symbol]", "nosuchcoin");
        await page.waitForSelector("text=Nothing fits this filter");
        assert.deepEqual(await violations(page), [], "without rows");
      },
    );
  }
}
