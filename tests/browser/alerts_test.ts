/** Alerts by notification and sound, in a real Chromium, on a market that the test moves. */
import assert from "node:assert/strict";
import {
  type AlertSettings,
  DEFAULTS,
  SETTINGS_KEY,
  writeSettings,
} from "../../islands/screener/settings.ts";
import type { BrowserContext, BrowserContextOptions, Page } from "../tools/playwright.ts";
import { Cable } from "./cable.ts";
import { browserTests } from "./browser_tests.ts";
import { type HandMarket, openHandMarket } from "./hand_market.ts";
import { eventually, openPage } from "./page.ts";

const { shared, browserTest } = browserTests();

interface Recorded {
  /** How often the reader was asked for permission. */
  asked: number;
  notifications: { title: string; body: string; notification: Notification }[];
  notes: number;
}

/** Notes what the real browser is asked to show and to sound. */
const record = () => {
  const recorded: Recorded = { asked: 0, notifications: [], notes: 0 };
  const Real = Notification;
  globalThis.Notification = class extends Real {
    constructor(title: string, options: NotificationOptions = {}) {
      super(title, options);
      recorded.notifications.push({ title, body: options.body ?? "", notification: this });
    }
    static override requestPermission(): Promise<NotificationPermission> {
      recorded.asked++;
      return Real.requestPermission();
    }
  };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) {
    recorded.notes++;
    start.apply(this, given);
  };
  Object.assign(globalThis, { recorded });
};

interface Shown {
  asked: number;
  titles: string[];
  bodies: string[];
  notes: number;
}

function recordedIn(page: Page): Promise<Shown> {
  return page.evaluate(() => {
    const { asked, notifications, notes } = (globalThis as unknown as { recorded: Recorded }).recorded;
    return {
      asked,
      titles: notifications.map(({ title }) => title),
      bodies: notifications.map(({ body }) => body),
      notes,
    };
  });
}

function alertTest(
  name: string,
  alerts: Partial<AlertSettings>,
  run: (page: Page, hand: HandMarket) => Promise<void>,
  options: BrowserContextOptions = { permissions: ["notifications"] },
) {
  browserTest(name, async () => {
    await using hand = await openHandMarket();
    hand.market.put("early", 80);
    await using open = await openPage(
      shared.browser,
      hand.url,
      options,
      keeping(alerts),
    );
    await live(open.page);
    await run(open.page, hand);
    assert.deepEqual(open.complaints, []);
  });
}

function keeping(alerts: Partial<AlertSettings>) {
  const settings = writeSettings({ ...DEFAULTS, alerts: { ...DEFAULTS.alerts, ...alerts } });
  return async (context: BrowserContext) => {
    await context.addInitScript(record);
    await context.addInitScript(
      ([key, value]) => localStorage.getItem(key!) ?? localStorage.setItem(key!, value!),
      [SETTINGS_KEY, settings],
    );
  };
}

const live = (page: Page) => page.waitForSelector(".connection[data-state=live]");

function told(page: Page, count: number) {
  return eventually(
    `${count} notifications were given`,
    async () => (await recordedIn(page)).titles.length >= count,
  );
}

const ETH = { symbol: "ETH-USDT" };
const NOTIFIED: Partial<AlertSettings> = { notification: true };

alertTest(
  "a new opportunity is notified once, with what to do, and a click opens its pair beside this page",
  NOTIFIED,
  async (page, hand) => {
    hand.market.put("small", 19.9);
    hand.market.put("eth", 40, ETH);
    await told(page, 1);
    // Later ones show that nothing came in between.
    hand.market.put("eth", 90, ETH);
    hand.market.put("early", 95);
    hand.market.put("small", 30);
    await told(page, 2);
    const { titles, bodies } = await recordedIn(page);
    assert.deepEqual(titles, ["ETH-USDT: 40.0 bps", "BTC-USDT: 30.0 bps"]);
    assert.equal(bodies[0], "Buy at Bybit for 100.000, sell at OKX for 101.000. 0.80 USDT after costs");
    const context = page.context();
    await context.route("**/pairs/ETH-USDT", (route) => route.fulfill({ body: "The page of the pair" }));
    const opened = context.waitForEvent("page");
    await page.evaluate(() =>
      (globalThis as unknown as { recorded: Recorded }).recorded.notifications[0]!.notification
        .dispatchEvent(new Event("click"))
    );
    const pair = await opened;
    await pair.waitForURL("**/pairs/ETH-USDT");
    assert.equal(await pair.evaluate(() => opener), null);
    hand.market.put("next", 50, { ...ETH, buyExchange: "kraken" });
    await told(page, 3);
  },
);

alertTest("many at once are one notification that counts them", NOTIFIED, async (page, hand) => {
  for (let i = 0; i < 12; i++) hand.market.put(`many-${i}`, 30 + i, { buyExchange: `venue${i}` });
  await told(page, 1);
  const { titles, bodies } = await recordedIn(page);
  assert.deepEqual(titles, ["12 opportunities from 20 bps"]);
  assert.match(bodies[0]!, /^BTC-USDT 41\.0 bps, venue11 to OKX\n.*\n.*\nand 9 more$/u);
});

alertTest("the filter of the view decides, and a pause is silent", NOTIFIED, async (page, hand) => {
  await page.fill("input[name=symbol]", "eth");
  await page.waitForURL("**/?symbol=eth");
  hand.market.put("btc", 50, { buyExchange: "kraken" });
  // Else it may come in the pause, and count there.
  await page.waitForSelector("text=0 of 2 open");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForSelector("text=Paused");
  hand.market.put("paused", 50, ETH);
  await page.waitForSelector("text=Paused; 1 changes since");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForSelector("[data-route^='ETH-USDT']");
  hand.market.put("eth", 51, { ...ETH, buyExchange: "kraken" });
  await told(page, 1);
  assert.deepEqual((await recordedIn(page)).titles, ["ETH-USDT: 51.0 bps"]);
});

browserTest("after a cut, only what is still open is notified", async () => {
  await using hand = await openHandMarket();
  await using cable = new Cable(hand.port);
  hand.market.put("early", 80);
  await using open = await openPage(
    shared.browser,
    cable.url,
    { permissions: ["notifications"] },
    keeping(NOTIFIED),
  );
  const { page } = open;
  await live(page);
  await page.waitForSelector("tbody tr");
  cable.cut();
  await page.waitForSelector(".connection[data-state=reconnecting]");
  hand.market.put("missed", 70, ETH);
  hand.market.close("missed");
  hand.market.put("missed too", 60, { buyExchange: "kraken" });
  cable.mend();
  await live(page);
  await told(page, 1);
  assert.deepEqual((await recordedIn(page)).titles, ["BTC-USDT: 60.0 bps"]);
});

alertTest(
  "permission is asked for only when notifications are switched on; where it is refused the drawer says how to undo that",
  {},
  async (page, hand) => {
    hand.market.put("quiet", 50);
    await page.waitForSelector("tbody >> text=50.0");
    await page.getByRole("button", { name: "Settings" }).click();
    await page.waitForSelector("text=Your browser will ask you when you switch it on");
    assert.equal((await recordedIn(page)).asked, 0);

    // A browser without a window answers no by itself.
    const notification = page.getByRole("switch", { name: "Browser notification" });
    await notification.click();
    await page.waitForSelector("text=Your browser blocks notifications of this page. To undo that");
    assert.equal(await notification.isChecked(), false);
    assert.equal((await recordedIn(page)).asked, 1);

    // The reader does as told, and the drawer sees it by itself.
    await page.context().grantPermissions(["notifications"]);
    await page.waitForSelector("text=Shown by your browser");
    assert.equal(await notification.isChecked(), false);
    await notification.click();
    await page.waitForSelector("#notification-state:has-text('Shown')");
    await eventually("the switch is on", () => notification.isChecked());
    await page.getByLabel("Alert from, bps net").fill("45");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Settings, alerts are on" }).waitFor();
    hand.market.put("below", 44, ETH);
    hand.market.put("above", 46, { ...ETH, buyExchange: "kraken" });
    await told(page, 1);
    const { titles, asked } = await recordedIn(page);
    assert.deepEqual(titles, ["ETH-USDT: 46.0 bps"]);
    assert.equal(asked, 1);

    // And takes it back.
    await page.context().clearPermissions();
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await page.waitForSelector("#notification-state:not(:has-text('Shown by your browser'))");
    assert.equal(await notification.isChecked(), false);
  },
  {},
);

alertTest(
  "a late answer about notifications leaves what was set meanwhile",
  { sound: true },
  async (page) => {
    await page.evaluate(() => {
      const answered = new Promise<void>((resolve) => Object.assign(globalThis, { answer: resolve }));
      Notification.requestPermission = async () => {
        await answered;
        return Notification.permission;
      };
    });
    await page.getByRole("button", { name: "Settings" }).click();
    const notification = page.getByRole("switch", { name: "Browser notification" });
    await notification.click();
    await page.getByLabel("Alert from, bps net").fill("45");
    await page.getByLabel("Volume").fill("20");
    await page.getByRole("switch", { name: "Sound" }).click();
    await page.keyboard.press("Escape");
    await page.fill("input[name=symbol]", "eth");
    await page.waitForURL("**/?symbol=eth");
    await page.context().grantPermissions(["notifications"]);
    await page.evaluate(() => (globalThis as unknown as { answer(): void }).answer());
    await page.getByRole("button", { name: "Settings, alerts are on" }).waitFor();
    assert.equal(await page.inputValue("input[name=symbol]"), "eth");
    assert.deepEqual(
      await page.evaluate((key) => JSON.parse(localStorage.getItem(key)!).alerts, SETTINGS_KEY),
      { minNetBps: 45, sound: false, volume: 20, notification: true },
    );
  },
  {},
);

/** An address of this machine that is not loopback: browsers do not trust it without https. */
const plain = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.") && !address.startsWith("169.254.")
)?.address;

browserTest(
  "over plain http from elsewhere notifications are not available, and links are copied by hand",
  async () => {
    await using hand = await openHandMarket();
    await using cable = new Cable(hand.port, plain);
    await using open = await openPage(shared.browser, cable.url);
    const { page } = open;
    await live(page);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.waitForSelector("text=Not available: browsers allow notifications only over https");
    assert.ok(await page.getByRole("switch", { name: "Browser notification" }).isDisabled());
    await page.keyboard.press("Escape");
    const offered = page.waitForEvent("dialog");
    const click = page.getByRole("button", { name: "Copy link" }).click();
    const dialog = await offered;
    assert.equal(dialog.defaultValue(), `${cable.url}/?sort=-net`);
    await dialog.dismiss();
    await click;
  },
  plain === undefined,
);

alertTest("the sound is tried out from the drawer, and then heard with an alert", {}, async (page, hand) => {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("switch", { name: "Sound" }).click();
  await page.getByRole("button", { name: "Test the sound" }).click();
  await eventually("two notes were played", async () => (await recordedIn(page)).notes === 2);
  await page.getByLabel("Volume").fill("20");
  await page.keyboard.press("Escape");
  hand.market.put("loud", 50, ETH);
  await eventually("two more notes were played", async () => (await recordedIn(page)).notes === 4);
  assert.deepEqual((await recordedIn(page)).titles, []);
});

alertTest(
  "after a reload the sound waits for the reader's first click",
  { sound: true, ...NOTIFIED },
  async (page, hand) => {
    hand.market.put("unheard", 50, ETH);
    await told(page, 1);
    assert.equal((await recordedIn(page)).notes, 0);
    await page.mouse.click(5, 5);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.waitForSelector("text=Ready");
    hand.market.put("heard", 51, { buyExchange: "kraken" });
    await eventually("two notes were played", async () => (await recordedIn(page)).notes === 2);
  },
);

alertTest("the gear says that alerts are on once the sound can be heard", { sound: true }, async (page) => {
  const gear = page.getByRole("button", { name: "Settings" });
  assert.equal(await gear.getAttribute("aria-label"), "Settings");
  await page.mouse.click(5, 5);
  await page.getByRole("button", { name: "Settings, alerts are on" }).waitFor();
});

alertTest("where the page has no sound device, the gear does not say that alerts are on", {
  sound: true,
}, async (page) => {
  await page.evaluate(() => {
    globalThis.AudioContext = class {
      constructor() {
        throw new DOMException("No device", "NotSupportedError");
      }
    } as unknown as typeof AudioContext;
  });
  await page.getByRole("button", { name: "Settings" }).click();
  await page.waitForSelector("text=Not available: this browser has no sound device");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Settings", exact: true }).waitFor();
});
