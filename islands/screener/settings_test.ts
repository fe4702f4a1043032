import assert from "node:assert/strict";
import { CHOICES } from "./columns.ts";
import {
  changed,
  DEFAULTS,
  MAX_NAME,
  MAX_VIEWS,
  ownView,
  readSettings,
  type Settings,
  withView,
  writeSettings,
} from "./settings.ts";
import { NO_THRESHOLDS, PLAIN, sameView } from "./view.ts";

const SOME: Settings = {
  thresholds: { minNetBps: 12.5, minProfitQuote: undefined, minNotionalQuote: 1000 },
  columns: ["net", "profit"],
  alerts: { minNetBps: 40, sound: true, volume: 80, notification: true },
  views: [{ name: "Large", query: "?minNotionalQuote=5000" }],
};

Deno.test("settings survive the storage", () => {
  assert.deepEqual(readSettings(writeSettings(SOME)), SOME);
  assert.deepEqual(readSettings(writeSettings(DEFAULTS)), DEFAULTS);
});

Deno.test("no column beside the symbol is a choice that survives, too", () => {
  assert.deepEqual(readSettings(writeSettings({ ...SOME, columns: [] })).columns, []);
});

Deno.test("rubbish in the storage is the default", () => {
  for (const text of [null, "", "{", "null", "1", '"x"', "[]", "{}", '{"version":"1"}', '{"__proto__":1}']) {
    assert.deepEqual(readSettings(text), DEFAULTS, String(text));
  }
});

Deno.test("settings of another version are not guessed at, but saved views are links and stay", () => {
  const later = JSON.stringify({ ...JSON.parse(writeSettings(SOME)), version: 2 });
  assert.ok(SOME.views.length > 0);
  assert.deepEqual(readSettings(later), { ...DEFAULTS, views: SOME.views });
});

Deno.test("each part that makes no sense has its default, and the others stay", () => {
  const read = readSettings(JSON.stringify({
    version: 1,
    thresholds: { minNetBps: "12", minProfitQuote: 3, minNotionalQuote: null },
    columns: "net",
    alerts: { minNetBps: true, sound: "yes", volume: 1e9, notification: 1 },
    views: [
      7,
      { name: "", query: "" },
      { name: "x".repeat(MAX_NAME + 1), query: "" },
      { name: "Script", query: "javascript:alert(1)" },
      { name: "Net", query: "?minNetBps=9&nosuch=1" },
      { name: "Net", query: "?minNetBps=10" },
    ],
  }));
  assert.deepEqual(read, {
    thresholds: { ...NO_THRESHOLDS, minProfitQuote: 3 },
    columns: CHOICES,
    alerts: { ...DEFAULTS.alerts, volume: 100 },
    views: [{ name: "Script", query: "" }, { name: "Net", query: "?minNetBps=10" }],
  });
});

Deno.test("the view of one's own is the plain one with the kept thresholds and columns", () => {
  assert.ok(sameView(ownView(DEFAULTS), PLAIN));
  assert.deepEqual(ownView(SOME), { ...PLAIN, ...SOME.thresholds, columns: SOME.columns });
});

Deno.test("a change leaves what it does not name", () => {
  assert.deepEqual(changed(SOME, { alerts: { volume: 5 } }), {
    ...SOME,
    alerts: { ...SOME.alerts, volume: 5 },
  });
  assert.deepEqual(changed(SOME, { thresholds: { minNetBps: undefined }, columns: [] }), {
    ...SOME,
    thresholds: { ...SOME.thresholds, minNetBps: undefined },
    columns: [],
  });
});

Deno.test("a view is saved under its name once, and there is room for a bounded number", () => {
  let views = withView([], "B", PLAIN);
  views = withView(views, "A", { ...PLAIN, symbol: "btc" });
  views = withView(views, "B", { ...PLAIN, exchange: "okx" });
  assert.deepEqual(views, [{ name: "A", query: "?symbol=btc" }, { name: "B", query: "?exchange=okx" }]);
  for (let at = 0; at < MAX_VIEWS + 5; at++) views = withView(views, `View ${at}`, PLAIN);
  assert.equal(views.length, MAX_VIEWS);
});
