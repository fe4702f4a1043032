/** `GET /metrics`, over the real core; what it says is held against `/health`, and its form against Prometheus' own tool. */
import assert from "node:assert/strict";
import { sse } from "../../adapters/http/sse.ts";
import { promtool, promtoolIsMissing } from "../promtool.ts";
import { openProgram, until } from "./program.ts";

type Program = ReturnType<typeof openProgram>;

/** Series by name and labels, as they are written: `name{label="value"}`. */
async function scrape(program: Program): Promise<Map<string, number>> {
  const series = new Map<string, number>();
  for (const line of (await textOf(program)).split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const at = line.lastIndexOf(" ");
    assert.ok(!series.has(line.slice(0, at)), `${line} is there twice`);
    series.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return series;
}

async function textOf(program: Program): Promise<string> {
  const response = await program.app.request("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return await response.text();
}

const series = (name: string, labels: Record<string, string>) =>
  `${name}{${Object.entries(labels).map(([key, value]) => `${key}="${value}"`).join(",")}}`;

/** Something of everything: an open opportunity, one that closed, troubles, a reader, another mode, a crash. */
async function lively(program: Program): Promise<void> {
  await program.quote("bybit", "BTC-USDT", 99.9, 100);
  await program.quote("okx", "BTC-USDT", 101, 101.1);
  await program.quote("bybit", "ETH-USDT", 9.99, 10);
  await program.quote("okx", "ETH-USDT", 10.1, 10.11);
  await program.withdraw("okx", "ETH-USDT");
  for (const [at, exchange] of ["bybit", "okx", "kraken"].entries()) {
    const telemetry = program.telemetry(exchange);
    Object.assign(telemetry, { frames: 100 + at, bytes: 5_000 + at, malformed: 1 + at, gaps: 2 + at });
    Object.assign(telemetry, { conflated: 7 + at, reconnects: 3 + at, lastFrameTime: Date.now() });
  }
}

const missing = await promtoolIsMissing();

Deno.test({
  name: "promtool finds nothing wrong with the metrics of either mode",
  ignore: missing,
  async fn() {
    await using program = openProgram();
    await lively(program);
    for (const mode of ["test", "live"]) {
      await program.app.request(`/mode/${mode}`, { method: "POST" });
      const text = await textOf(program);
      assert.deepEqual(await checked(text), { code: 0, said: "" });
    }
    const broken = (await textOf(program)).replaceAll("_bytes", "_megabytes");
    assert.notEqual((await checked(broken)).code, 0, "It says what is wrong where something is");
  },
});

Deno.test("every metric is listed in docs/api.md, and nothing else is", async () => {
  await using program = openProgram();
  const names = (await textOf(program)).matchAll(/^# TYPE (\S+) /gmu).map(([, name]) => name!);
  const docs = await Deno.readTextFile(new URL("../../docs/api.md", import.meta.url));
  const section = docs.split("\n## Metrics\n")[1]!.split("\n## ")[0]!;
  const listed = section.matchAll(/^\| `([^`]+)` +\|/gmu).map(([, name]) => name!);
  assert.deepEqual([...listed].sort(), [...names].sort());
});

const checked = (text: string) => promtool(["check", "metrics"], text);

Deno.test("what metrics say is what health says", async () => {
  await using program = openProgram();
  await lively(program);
  const reader = program.streams.connect({}, { encoder: sse });
  assert.ok(!("refused" in reader));
  const health = program.market.health();
  const metrics = await scrape(program);
  const expected = new Map<string, number>();
  for (const venue of health.venues) {
    const labels = { mode: health.mode, venue: venue.id };
    expected.set(series("marketflow_venue_frames_total", labels), venue.frames);
    expected.set(series("marketflow_venue_received_bytes_total", labels), venue.bytes);
    expected.set(series("marketflow_venue_malformed_frames_total", labels), venue.malformed);
    expected.set(series("marketflow_venue_gaps_total", labels), venue.gaps);
    expected.set(series("marketflow_venue_conflated_ticks_total", labels), venue.conflated);
    expected.set(series("marketflow_venue_reconnects_total", labels), venue.reconnects);
    expected.set(series("marketflow_venue_restarts_total", labels), venue.restarts);
    expected.set(series("marketflow_venue_channel_depth_rows", labels), venue.channelDepth);
    expected.set(series("marketflow_venue_fresh_quotes", labels), venue.freshQuotes);
    expected.set(series("marketflow_venue_quotes", labels), venue.quotes);
    expected.set(series("marketflow_venue_instruments", labels), venue.instruments);
    expected.set(series("marketflow_venue_state", { ...labels, state: venue.state }), 1);
    expected.set(series("marketflow_venue_state", { ...labels, state: "silent" }), 0);
  }
  const { opportunities: { open, opened, closed, refused }, cache, outbox, history } = health;
  assert.ok(open > 0 && opened > open && Object.keys(closed).length > 0);
  expected.set("marketflow_opportunities_open", open);
  expected.set("marketflow_opportunities_opened_total", opened);
  for (const [reason, count] of Object.entries(closed)) {
    expected.set(series("marketflow_opportunities_closed_total", { reason }), count);
  }
  for (const [reason, count] of Object.entries(refused)) {
    expected.set(series("marketflow_routes_refused_total", { reason }), count);
  }
  expected.set(series("marketflow_health_status", { status: health.status }), 1);
  expected.set(series("marketflow_mode", { mode: "test" }), 1);
  expected.set(series("marketflow_mode", { mode: "live" }), 0);
  expected.set("process_resident_memory_bytes", health.memory.rssBytes);
  expected.set("marketflow_stream_clients", 1);
  expected.set("marketflow_ticks_total", 5);
  expected.set("marketflow_rows_total", 5);
  expected.set(series("marketflow_cache_state", { state: cache.state }), 1);
  expected.set(series("marketflow_outbox_state", { state: outbox.state }), 1);
  expected.set("marketflow_outbox_records", outbox.records);
  expected.set(series("marketflow_history_state", { state: history.state }), 1);
  for (const [name, value] of expected) assert.equal(metrics.get(name), value, name);
});

Deno.test("the state of what is kept is said, with its lag in seconds", async () => {
  await using program = openProgram();
  Object.assign(program.kept.cacheStatus, { state: "fallback", pending: 4, lagMs: 2_500, written: 11 });
  const metrics = await scrape(program);
  assert.equal(metrics.get(series("marketflow_cache_state", { state: "fallback" })), 1);
  assert.equal(metrics.get(series("marketflow_cache_state", { state: "ok" })), 0);
  assert.equal(metrics.get("marketflow_cache_pending_quotes"), 4);
  assert.equal(metrics.get("marketflow_cache_lag_seconds"), 2.5);
  assert.equal(metrics.get("marketflow_cache_written_quotes_total"), 11);
});

Deno.test("no counter goes back when a worker starts anew or the mode changes, and none counts twice", async () => {
  await using program = openProgram();
  const frames = (mode: string) => series("marketflow_venue_frames_total", { mode, venue: "okx" });
  const restarts = (mode: string) => series("marketflow_venue_restarts_total", { mode, venue: "okx" });
  const counters = async () => new Map([...await scrape(program)].filter(([name]) => /_total\b/u.test(name)));
  let before = await counters();
  const step = async (what: string, expected: Record<string, number>) => {
    const now = await counters();
    for (const [name, value] of before) {
      assert.ok((now.get(name) ?? -1) >= value, `${name} went from ${value} to ${now.get(name)} ${what}`);
    }
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(now.get(name), value, `${name} ${what}`);
    }
    before = now;
  };
  await lively(program);
  await step("with the first worker", { [frames("test")]: 101, [restarts("test")]: 0 });
  await program.crash("okx");
  await step("after a crash", { [frames("test")]: 101, [restarts("test")]: 1 });
  program.telemetry("okx").frames = 9;
  await step("with the second worker", { [frames("test")]: 110 });
  assert.equal(
    program.market.venues().find(({ id }) => id === "okx")!.frames,
    9,
    "health is of the last one",
  );
  await program.market.switchMode("live");
  await step("in the other mode", { [frames("test")]: 110, [restarts("test")]: 1, [frames("live")]: 0 });
  program.telemetry("okx").frames = 1_000;
  await program.market.switchMode("test");
  await step("back again", { [frames("test")]: 110, [restarts("test")]: 1, [frames("live")]: 1_000 });
  program.telemetry("okx").frames = 5;
  await program.crash("okx");
  await step("after another crash", {
    [frames("test")]: 115,
    [restarts("test")]: 2,
    [frames("live")]: 1_000,
  });
});

Deno.test("what is of the present alone is not shown of the mode that was left", async () => {
  await using program = openProgram();
  await lively(program);
  const quotes = (mode: string) => series("marketflow_venue_fresh_quotes", { mode, venue: "okx" });
  assert.equal((await scrape(program)).get(quotes("test")), 1);
  await program.market.switchMode("live");
  const metrics = await scrape(program);
  assert.equal(metrics.get(quotes("live")), 0);
  assert.equal(metrics.get(quotes("test")), undefined);
  for (const exchange of ["exchange1", "exchange2"]) {
    const labels = { mode: "live", venue: "ndjson", exchange };
    assert.equal(metrics.get(series("marketflow_exchange_fresh_quotes", labels)), 0, "each source by itself");
  }
});

Deno.test("reading metrics changes nothing, however many read at once", async () => {
  await using program = openProgram();
  await lively(program);
  await until(
    "all rows are read",
    () => program.market.venues().every(({ channelDepth }) => channelDepth === 0),
  );
  // Time goes on meanwhile, nothing else does.
  const still = (text: string) =>
    text.split("\n").filter((line) => !/last_frame_age|event_loop|evaluation_(?:seconds|rounds)/u.test(line))
      .join("\n");
  const health = () => {
    const { uptimeMs: _, venues, ...rest } = program.market.health();
    return { ...rest, venues: venues.map(({ lastFrameAgeMs: _, ...venue }) => venue) };
  };
  const before = { text: still(await textOf(program)), health: health() };
  const texts = await Promise.all(Array.from({ length: 20 }, () => textOf(program)));
  for (const text of texts) assert.equal(still(text), before.text);
  assert.deepEqual(health(), before.health);
  const head = await program.app.request("/metrics", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
  assert.equal((await program.app.request("/metrics", { method: "POST" })).status, 405);
});
