/** What the tests of a file share: one Chromium, and the program or market that its pages are of. */
import type { Browser } from "../tools/playwright.ts";
import { chromiumIsThere, launchChromium } from "./chromium.ts";

/** Both are there while a test runs. */
export interface Shared<Program> {
  browser: Browser;
  program: Program;
}

/**
 * To be called once, when a file is loaded. Without Chromium its tests are ignored. Nothing is started where every test
 * starts a program of its own.
 */
export function browserTests<Program extends AsyncDisposable>(start?: () => Promise<Program>): {
  shared: Shared<Program>;
  browserTest(name: string, run: () => Promise<void>, ignored?: boolean): void;
} {
  const ignore = !chromiumIsThere();
  const shared = {} as Shared<Program>;
  Deno.test.beforeAll(async () => {
    if (ignore) return;
    const [browser, program] = await Promise.all([launchChromium(), start?.()]);
    Object.assign(shared, { browser, program });
  });
  Deno.test.afterAll(async () => {
    await shared.browser?.close();
    await shared.program?.[Symbol.asyncDispose]();
  });
  return {
    shared,
    browserTest(name, run, ignored = false) {
      // The browser's connection belongs to all tests of a file.
      Deno.test({ name, ignore: ignore || ignored, sanitizeOps: false, sanitizeResources: false }, run);
    },
  };
}
