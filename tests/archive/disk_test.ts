import assert from "node:assert/strict";
import { until } from "../core/until.ts";
import { assertOnce, drained, inFolder, logged, open, type Opened } from "./archives.ts";
import { settingsFor, sql, STOP_MS } from "./archives.ts";
import { Mounted, mountingIsImpossible } from "./mounted.ts";
import { bar, minuteOf } from "./records.ts";

const ignore = mountingIsImpossible();
const outboxOf = ({ archive }: Opened) => archive.status().outbox;
const failing = (opened: Opened, words: RegExp) =>
  until(
    `health says ${words}`,
    () => outboxOf(opened).state === "failing" && words.test(outboxOf(opened).error!),
  );
const well = (opened: Opened) => until("the outbox is well", () => outboxOf(opened).state === "ok");
const rowsOf = (folder: string) => sql(`${folder}/history.sqlite`, "SELECT count(*) AS n FROM minutes")[0]!.n;

Deno.test({
  name: "a full disk is told, loses nothing while the history answers, and mends by itself",
  ignore,
  fn: () =>
    inFolder(async (historyDir) => {
      using disk = Mounted.tryNew(8)!;
      const dataDir = `${disk.folder}/data`;
      const opened = await open(settingsFor(dataDir, `sqlite:${historyDir}/history.sqlite`));
      opened.archive.keep({ minutes: minuteOf(100, 0) });
      await drained(opened);
      disk.fill();
      let minute = 1;
      for (; outboxOf(opened).state === "ok" && minute < 100; minute++) {
        opened.archive.checkpoint(minuteOf(1_000, 1_000));
        opened.archive.keep({ minutes: minuteOf(100, minute) });
        await until("it is kept or fails", () => {
          const { state, pending } = outboxOf(opened);
          return state === "failing" || pending === 0;
        });
      }
      await failing(opened, /disk is full/);
      for (const end = minute + 10; minute < end; minute++) {
        opened.archive.keep({ minutes: minuteOf(100, minute) });
      }
      await drained(opened);
      await until("they are written", () => rowsOf(historyDir) === minute * 100);
      assert.equal(outboxOf(opened).dropped, 0);
      disk.free();
      await well(opened);
      opened.archive.keep({ minutes: minuteOf(100, minute++) });
      await drained(opened);
      await opened.archive.stop(STOP_MS);
      assert.equal(rowsOf(historyDir), minute * 100);
    }),
});

Deno.test({
  name: "with a full disk and no history memory stays bounded, and what is dropped is counted",
  ignore,
  fn: () =>
    inFolder(async (faultDir) => {
      using disk = Mounted.tryNew(4)!;
      // The outbox is on the full disk, the order to fail beside it.
      Deno.writeTextFileSync(`${disk.folder}/fault`, "unreachable");
      const settings = settingsFor(disk.folder, `sqlite:${faultDir}/history.sqlite`);
      const opened = await open(settings, { faulty: true, maxPending: 5_000 });
      disk.fill();
      let kept = 0;
      for (; kept < 60_000; kept += 1_000) {
        opened.archive.keep({ minutes: minuteOf(1_000, kept / 1_000) });
        assert(outboxOf(opened).pending <= 5_000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await failing(opened, /disk is full/);
      disk.free();
      await well(opened);
      Deno.removeSync(`${disk.folder}/fault`);
      await drained(opened);
      const { dropped } = outboxOf(opened);
      assert(dropped > 0);
      await opened.archive.stop(STOP_MS);
      assert.equal(rowsOf(faultDir), kept - dropped);
    }),
});

Deno.test({
  name:
    "a read-only folder is told, the history is written nevertheless, and the outbox begins when it is writable",
  ignore,
  fn: () =>
    inFolder(async (historyDir) => {
      using disk = Mounted.tryNew(8)!;
      assert(disk.readOnly(true));
      const opened = await open(settingsFor(disk.folder, `sqlite:${historyDir}/history.sqlite`));
      assert.deepEqual(opened.recovered, []);
      opened.archive.keep({ minutes: minuteOf(1_200, 0) });
      await failing(opened, /outbox\.sqlite cannot be (?:opened|written).*(?:may write|writable)/);
      await until("they are written", () => outboxOf(opened).pending === 0);
      assert.equal(rowsOf(historyDir), 1_200);
      assert(disk.readOnly(false));
      await well(opened);
      opened.archive.keep({ minutes: minuteOf(10, 1) });
      await drained(opened);
      await opened.archive.stop(STOP_MS);
      assert.equal(rowsOf(historyDir), 1_210);
      assertOnce(opened, /Outbox fails/);
      assertOnce(opened, /Outbox is back/);
    }),
});

Deno.test("a folder that cannot be made is told, and used as soon as it can be", async () => {
  await inFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const opened = await open(settingsFor(`${folder}/file/data`, `sqlite:${folder}/history.sqlite`));
    opened.archive.keep({ minutes: [bar("A-X")] });
    await failing(opened, /outbox\.sqlite cannot be opened: make its folder one that this program may write/);
    Deno.removeSync(`${folder}/file`);
    await well(opened);
    await drained(opened);
    await opened.archive.stop(STOP_MS);
    assert.equal(rowsOf(folder), 1);
  });
});

Deno.test("a stop with an outbox that does not work hands over to the history what it can", async () => {
  await inFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const opened = await open(settingsFor(`${folder}/file/data`, `sqlite:${folder}/history.sqlite`));
    opened.archive.keep({ minutes: minuteOf(1_500, 0) });
    await opened.archive.stop(STOP_MS);
    assert.equal(rowsOf(folder), 1_500);
    assert.equal(outboxOf(opened).pending, 0);
  });
});

Deno.test("a corrupt outbox is moved aside, and a new one begins", async () => {
  await inFolder(async (dataDir) => {
    Deno.writeTextFileSync(`${dataDir}/outbox.sqlite`, "This is no database. ".repeat(1_000));
    const opened = await open(settingsFor(dataDir));
    opened.archive.keep({ minutes: [bar("A-X")] });
    await well(opened);
    await drained(opened);
    await opened.archive.stop(STOP_MS);
    assertOnce(opened, /moved aside/);
    const aside = [...Deno.readDirSync(dataDir)].filter(({ name }) =>
      name.startsWith("outbox.sqlite.corrupt-")
    );
    assert.equal(aside.length, 1);
    assert.match(Deno.readTextFileSync(`${dataDir}/${aside[0]!.name}`), /^This is no database/);
    assert.equal(rowsOf(dataDir), 1);
  });
});

Deno.test("a second process with the same folder says so, and takes over when the first ends", async () => {
  await inFolder(async (dataDir) => {
    const history = `sqlite:${dataDir}/second/history.sqlite`;
    const first = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-check",
        "--no-prompt",
        "--allow-net",
        "--allow-read",
        `--allow-write=${dataDir}`,
        "--allow-env",
        "tests/archive/keeping_program.ts",
        dataDir,
        "sqlite:first.sqlite",
        "1",
        "1",
      ],
      cwd: new URL("../../", import.meta.url),
      stdout: "piped",
      stderr: "null",
    }).spawn();
    try {
      const reader = first.stdout.getReader();
      for (let reads = 0; reads < 3; reads++) await reader.read();
      const second = await open(settingsFor(dataDir, history));
      second.archive.keep({ minutes: [bar("SECOND-X")] });
      await failing(second, /is in use by another process: give each its own dataDir/);
      assert.equal(outboxOf(second).pending, 1);
      first.kill("SIGKILL");
      await reader.cancel();
      await well(second);
      await drained(second);
      assert.equal(logged(second, /in use by another/).length, 1);
      await second.archive.stop(STOP_MS);
    } finally {
      try {
        first.kill("SIGKILL");
      } catch {
        // It has ended.
      }
      await first.status;
    }
  });
});

Deno.test("an outbox at its bound drops the oldest and counts them", async () => {
  await inFolder(async (dataDir) => {
    Deno.writeTextFileSync(`${dataDir}/fault`, "unreachable");
    const settings = settingsFor(dataDir);
    settings.history.maxRecords = 2_500;
    const opened = await open(settings, { faulty: true });
    for (let minute = 0; minute < 8; minute++) opened.archive.keep({ minutes: minuteOf(500, minute) });
    await until("all are durable or dropped", () => outboxOf(opened).pending === 0);
    Deno.removeSync(`${dataDir}/fault`);
    await drained(opened);
    const { dropped } = outboxOf(opened);
    await opened.archive.stop(STOP_MS);
    // What was on its way when the bound was reached may have been written all the same.
    assert(dropped >= 1_500 - 1_000 && dropped <= 1_500, `${dropped} dropped`);
    assert.equal(rowsOf(dataDir), 4_000 - dropped);
    assertOnce(opened, /Outbox is full; the oldest/);
  });
});
