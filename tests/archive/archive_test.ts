import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { Row } from "../../core/app/channel.ts";
import { MINUTE_MS } from "../../core/domain/bar.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { until } from "../core/until.ts";
import { openHistory } from "../../adapters/history/open.ts";
import {
  assertOnce,
  DAY_MS,
  drained,
  durable,
  inFolder,
  kept,
  logged,
  open,
  settingsFor,
  sql,
  STOP_MS,
} from "./archives.ts";
import { bar, episode, minuteOf } from "./records.ts";

Deno.test("what is kept arrives in the history once, of two with one key the later", async () => {
  await inFolder(async (dataDir) => {
    const opened = await open(settingsFor(dataDir));
    for (let minute = 0; minute < 3; minute++) opened.archive.keep({ minutes: minuteOf(1_500, minute) });
    opened.archive.keep({ episodes: [episode("a"), episode("b", 1)] });
    opened.archive.keep({ minutes: [bar("S0-USDT", 1, 2)], episodes: [episode("a")] });
    await drained(opened);
    const { outbox, history } = opened.archive.status();
    assert.deepEqual([outbox.state, outbox.dropped, outbox.lagMs, outbox.error], ["ok", 0, null, null]);
    assert.deepEqual([history.kind, history.state, history.error], ["sqlite", "ok", null]);
    await until("old data was looked for", () => opened.archive.status().history.cleanedAt !== null);
    await opened.archive.stop(STOP_MS);
    const { bars, episodes } = await kept(opened.settings, ["S0-USDT", "S1499-USDT"]);
    assert.deepEqual(bars.map(({ symbol, samples }) => [symbol, samples]), [
      ["S0-USDT", 1],
      ["S0-USDT", 2],
      ["S0-USDT", 1],
      ["S1499-USDT", 1],
      ["S1499-USDT", 1],
      ["S1499-USDT", 1],
    ]);
    assert.deepEqual(episodes, [episode("b", 1), episode("a")]);
    assert.deepEqual(logged(opened, /./).filter(({ level }) => level !== "debug"), []);
  });
});

Deno.test("what could not be drained in time is drained by the next start", async () => {
  await inFolder(async (dataDir) => {
    await Deno.writeTextFile(`${dataDir}/fault`, "unreachable");
    const first = await open(settingsFor(dataDir), { faulty: true });
    first.archive.keep({ minutes: minuteOf(10, 0), episodes: [episode("a")] });
    await until("it is tried", () => first.archive.status().history.state === "unreachable");
    const { outbox, history } = first.archive.status();
    assert.deepEqual([outbox.state, outbox.records, history.error], ["ok", 11, "Scripted: unreachable"]);
    assert(outbox.lagMs! > 0);
    await first.archive.stop(1_000);
    await Deno.remove(`${dataDir}/fault`);
    const second = await open(settingsFor(dataDir), { faulty: true });
    await drained(second);
    await second.archive.stop(STOP_MS);
    assert.equal((await kept(second.settings, ["S0-USDT", "S9-USDT"])).bars.length, 2);
  });
});

Deno.test("stop makes durable and drains what was handed over a moment before, also to a worker that just crashed", async () => {
  await inFolder(async (dataDir) => {
    const opened = await open(settingsFor(dataDir), { faulty: true });
    await Deno.writeTextFile(`${dataDir}/fault`, "crash");
    opened.archive.keep({ minutes: [bar("A-X")] });
    await until("it crashed", () => logged(opened, /Scripted: crash/).length > 0);
    opened.archive.keep({ minutes: minuteOf(5_000, 0) });
    await opened.archive.stop(STOP_MS);
    assert.equal(opened.archive.status().outbox.pending, 0);
    const again = await open(settingsFor(dataDir));
    await drained(again);
    await again.archive.stop(STOP_MS);
    assert.equal((await kept(opened.settings, ["A-X", "S0-USDT", "S4999-USDT"])).bars.length, 3);
  });
});

Deno.test("a minute that was cut comes back: recovered while it runs, kept as not complete when it is over", async () => {
  await inFolder(async (dataDir) => {
    const settings = settingsFor(dataDir);
    const first = await open(settings);
    const running = () => ({ ...bar("RUN-X"), timestamp: Date.now() - Date.now() % MINUTE_MS });
    const open_ = running();
    first.archive.checkpoint([bar("OLD-X", 0), bar("KEPT-X", 0), open_]);
    first.archive.keep({ minutes: [bar("KEPT-X", 0, 2)] });
    await durable(first);
    await first.archive.stop(STOP_MS);
    const second = await open(settings);
    // The minute may have ended in between.
    const over = running().timestamp !== open_.timestamp;
    if (!over) assert.deepEqual(second.recovered, [open_]);
    await drained(second);
    await second.archive.stop(STOP_MS);
    const { bars } = await kept(settings, ["OLD-X", "KEPT-X"]);
    assert.deepEqual(bars, [{ ...bar("OLD-X", 0), complete: false }, bar("KEPT-X", 0, 2)]);
  });
});

Deno.test("a cut minute replaces nothing better that went to the history meanwhile", async () => {
  await inFolder(async (dataDir) => {
    const settings = settingsFor(dataDir);
    const first = await open(settings);
    // As if the outbox had failed after this checkpoint, and the whole minutes had gone to the history straight.
    first.archive.checkpoint(["A-X", "B-X", "C-X"].map((symbol) => bar(symbol, 0, 5)));
    await durable(first);
    await first.archive.stop(STOP_MS);
    const history = openHistory(settings.history.url, { dataDir });
    await history.migrate();
    const partial = { ...bar("B-X", 0, 3), complete: false };
    await history.write({ minutes: [bar("A-X", 0, 9), partial], episodes: [] });
    await history.close();
    const second = await open(settings);
    await drained(second);
    await second.archive.stop(STOP_MS);
    const cut = (symbol: string) => ({ ...bar(symbol, 0, 5), complete: false });
    assert.deepEqual((await kept(settings, ["A-X", "B-X", "C-X"])).bars, [
      bar("A-X", 0, 9),
      cut("B-X"),
      cut("C-X"),
    ]);
  });
});

Deno.test("what is too old is removed after the backlog is written, and its hours stay", async () => {
  await inFolder(async (dataDir) => {
    const settings = settingsFor(dataDir);
    const retention = { minutes: DAY_MS, quotes: DAY_MS, episodes: DAY_MS };
    settings.history.retention = retention;
    await Deno.writeTextFile(`${dataDir}/fault`, "unreachable");
    const before = await open(settings, { faulty: true });
    const old = { ...bar("A-X"), timestamp: Date.UTC(2020, 0, 1) };
    const fresh = {
      ...bar("A-X"),
      timestamp: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 10 * MINUTE_MS,
    };
    before.archive.keep({ minutes: [old, fresh] });
    await durable(before);
    await before.archive.stop(1_000);
    const opened = await open(settings, { faulty: true });
    await until("it is tried", () => opened.archive.status().history.state === "unreachable");
    assert.equal(opened.archive.status().history.cleanedAt, null);
    await Deno.remove(`${dataDir}/fault`);
    await until("it is cleaned", () => opened.archive.status().history.cleanedAt !== null);
    await opened.archive.stop(STOP_MS);
    const count = (table: string) =>
      sql(`${dataDir}/history.sqlite`, `SELECT count(*) AS n FROM ${table}`)[0]!.n;
    assert.deepEqual([count("minutes"), count("hours")], [1, 2]);
  });
});

Deno.test("a worker that crashes is started again and nothing is lost", async () => {
  await inFolder(async (dataDir) => {
    const opened = await open(settingsFor(dataDir), { faulty: true });
    for (let minute = 0; minute < 4; minute++) {
      await Deno.writeTextFile(`${dataDir}/fault`, "crash");
      opened.archive.keep({ minutes: minuteOf(700, minute) });
      await until("it crashed", () => logged(opened, /Scripted: crash/).length === minute + 1);
      opened.archive.checkpoint([bar("OPEN-X", 100)]);
      opened.archive.keep({ minutes: minuteOf(700, minute, 2), episodes: [episode(`${minute}`)] });
    }
    await drained(opened);
    const { outbox, history } = opened.archive.status();
    assert.deepEqual([outbox.state, outbox.dropped, history.state], ["ok", 0, "ok"]);
    await opened.archive.stop(STOP_MS);
    const count = "SELECT count(*) AS n FROM minutes";
    assert.deepEqual(sql(`${dataDir}/history.sqlite`, count)[0]!.n, 2_800);
    const { bars, episodes } = await kept(opened.settings, ["S0-USDT", "S699-USDT"]);
    assert.deepEqual(bars.map(({ samples }) => samples), Array(8).fill(2));
    assert.equal(episodes.length, 4);
  });
});

Deno.test("a worker that does not answer is told by health; memory stays bounded and what was dropped is counted", async () => {
  await inFolder(async (dataDir) => {
    const opened = await open(settingsFor(dataDir), { faulty: true, maxPending: 3_000 });
    await Deno.writeTextFile(`${dataDir}/fault`, "stuck");
    opened.archive.keep({ minutes: [bar("A-X")] });
    await until("it is stuck", () => existsSync(`${dataDir}/stuck`));
    const looks = () => opened.archive.status().outbox;
    for (let minute = 0; minute < 10; minute++) opened.archive.keep({ minutes: minuteOf(1_000, minute) });
    assert(looks().pending <= 3_000);
    assert(looks().pending + looks().dropped >= 10_000);
    await until("health says so", () => looks().state === "failing");
    assert.match(looks().error!, /does not answer/);
    await opened.archive.stop(200);
    assertOnce(opened, /could not make everything durable/);
  });
});

Deno.test("a record that the history refuses for its own sake is put aside and holds nothing up", async () => {
  await inFolder(async (dataDir) => {
    await Deno.writeTextFile(`${dataDir}/fault`, "poison");
    const opened = await open(settingsFor(dataDir), { faulty: true });
    opened.archive.keep({ minutes: [...minuteOf(100, 0), bar("BAD-X"), ...minuteOf(100, 1)] });
    await drained(opened);
    assert.equal(opened.archive.status().outbox.rejected, 1);
    assert.match(opened.archive.status().history.error!, /^1 records were refused.*Scripted: BAD-X/);
    await opened.archive.stop(STOP_MS);
    assertOnce(opened, /put aside.*Scripted: BAD-X/);
    assert.equal(sql(`${dataDir}/history.sqlite`, "SELECT count(*) AS n FROM minutes")[0]!.n, 200);
    const [rejected] = sql(`${dataDir}/outbox.sqlite`, "SELECT kind, error FROM rejected");
    assert.deepEqual({ ...rejected }, { kind: "minute", error: "Scripted: BAD-X" });
  });
});

Deno.test("a history that refuses everything keeps everything in the outbox, says so once, and goes on when mended", async () => {
  await inFolder(async (dataDir) => {
    await Deno.writeTextFile(`${dataDir}/fault`, "refused");
    const opened = await open(settingsFor(dataDir), { faulty: true });
    opened.archive.keep({ minutes: minuteOf(100, 0) });
    await until("it is refused", () => opened.archive.status().history.state === "refused");
    opened.archive.keep({ minutes: minuteOf(100, 1) });
    await durable(opened);
    await until("all are there", () => opened.archive.status().outbox.records === 200);
    await Deno.remove(`${dataDir}/fault`);
    await drained(opened);
    assertOnce(opened, /History refuses/);
    assertOnce(opened, /History is back/);
    await opened.archive.stop(STOP_MS);
  });
});

Deno.test("raw quotes are written, bounded under way, and counted when they are dropped", async () => {
  await inFolder(async (dataDir) => {
    const rows = (count: number) => {
      const numbers = new Float64Array(count * Row.WORDS);
      for (let row = 0; row < count; row++) {
        const at = row * Row.WORDS;
        numbers.fill(NaN, at, at + Row.WORDS);
        numbers[at + Row.cell] = row % 2;
        numbers[at + Row.state] = QuoteState.fresh;
        numbers[at + Row.price] = 1;
        numbers[at + Row.receivedTime] = Date.now();
        numbers[at + Row.ticks] = 1;
      }
      return { mode: "live" as const, exchanges: ["okx"], symbols: ["A-X", "B-X"], rows: numbers };
    };
    const opened = await open(settingsFor(dataDir), { faulty: true });
    opened.archive.quotes(rows(500));
    await until("they are written", () => opened.archive.status().history.quotes === 500);
    await Deno.writeTextFile(`${dataDir}/fault`, "unreachable");
    // 8 MB each: four fit.
    for (let n = 0; n < 6; n++) opened.archive.quotes(rows(100_000));
    assert.equal(opened.archive.status().history.quotesDropped, 200_000);
    // In one step: in a file that is still empty there is no fault.
    await Deno.writeTextFile(`${dataDir}/fault.next`, "crash");
    await Deno.rename(`${dataDir}/fault.next`, `${dataDir}/fault`);
    await until(
      "those of the crashed worker count",
      () => opened.archive.status().history.quotesDropped === 600_000,
    );
    await until("the next one works", () => opened.archive.status().history.state === "ok");
    opened.archive.quotes(rows(7));
    await until("they are written", () => opened.archive.status().history.quotes === 507);
    await opened.archive.stop(STOP_MS);
  });
});
