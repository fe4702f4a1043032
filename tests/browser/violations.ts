/** What axe-core finds on a page. */
import axe from "../tools/axe.ts";
import type { Page } from "../tools/playwright.ts";

/** Every violation in one line, with the element. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(" ")}: ${node.failureSummary}`)
  );
}
