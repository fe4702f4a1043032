/** A real Chromium for tests of the page. */
import { type Browser, chromium } from "../tools/playwright.ts";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** No sandbox: containers seldom allow one, and the tests open only the program's own page. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The executable: `CHROMIUM` if set, else one of the usual places; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = Deno.env.get("CHROMIUM");
  return (named ? [named] : PLACES).find(isFile);
}

/**
 * True where browser tests can run. Where they cannot, says so; with `CI=true` a missing browser is an error, so
 * that no pipeline passes by skipping.
 */
export function chromiumIsThere(): boolean {
  if (findChromium() !== undefined) return true;
  const advice = "Chromium was not found; install it (apt-get install chromium) or set CHROMIUM to its path";
  if (Deno.env.get("CI") === "true") throw new Error(advice);
  console.warn(`Browser tests are skipped. ${advice}`);
  return false;
}

/** A browser with an empty profile of its own. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium()!, headless: true, args: ARGUMENTS });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
