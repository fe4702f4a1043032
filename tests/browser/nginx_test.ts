/** The page behind nginx with TLS and HTTP/2, in a real Chromium: as others reach it. */
import assert from "node:assert/strict";
import { startProgram } from "../program/program.ts";
import { Nginx, nginxIsMissing } from "../deploy/nginx.ts";
import { chromiumIsThere, launchChromium } from "./chromium.ts";
import { alive, openPage } from "./page.ts";

const ignore = nginxIsMissing() || !chromiumIsThere();

Deno.test({
  name: "behind nginx the page lives as it does without, over HTTP/2, and so does the page of a pair",
  ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const browser = await launchChromium();
    try {
      await using program = await startProgram({ mode: "test", server: { trustedProxies: ["127.0.0.1"] } });
      const upstream = Number(new URL(program.url).port);
      await using nginx = await Nginx.start({ upstream, server: "tls" });
      await using open = await openPage(browser, nginx.tlsUrl, { ignoreHTTPSErrors: true });
      const { page, complaints } = open;
      await alive(page);
      const protocols = await page.evaluate(() =>
        performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
          .map((entry) => (entry as unknown as { nextHopProtocol: string }).nextHopProtocol)
      );
      assert.deepEqual([...new Set(protocols)], ["h2"]);
      await page.goto(`${nginx.tlsUrl}/pairs/BTC-USDT`);
      await page.waitForSelector("canvas");
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  },
});
