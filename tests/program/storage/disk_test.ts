/** The whole program with a disk that is full or read-only. */
import assert from "node:assert/strict";
import { Mounted, mountingIsImpossible } from "../../archive/mounted.ts";
import { until } from "../process.ts";
import type { Program } from "../program.ts";
import { Stream } from "../stream.ts";
import { Instance } from "./instance.ts";
import { checkEpisodes } from "./kept.ts";
import { PostgresServer, WITHOUT_POSTGRES } from "./services.ts";
import { Sql } from "./sql.ts";

const ignore = mountingIsImpossible();
/** What memory may grow by while the disk takes nothing; a leak of every tick would be more. */
const GROWTH_BYTES = 150e6;

async function degraded(program: Program, words: RegExp): Promise<void> {
  await until(
    `health says ${words}`,
    () => program.health(),
    ({ status, problems }) => status === "degraded" && problems.some((problem) => words.test(problem)),
  );
}

/** What needs no disk. */
async function serves(program: Program): Promise<void> {
  await until("all exchanges quote", () => program.quotes("BTC-USDT"), ({ length }) => length === 4);
  for (const path of ["/", "/prices/recent/okx/BTC-USDT", "/prices/highest/BTC-USDT?period=1s"]) {
    const response = await fetch(program.url + path);
    await response.body?.cancel();
    assert.equal(response.status, 200, path);
  }
}

Deno.test({
  name: "a disk that fills up degrades the program, and nothing is lost once there is room",
  ignore,
  async fn() {
    using disk = Mounted.tryNew(16)!;
    await using instance = await Instance.in({ dataDir: `${disk.folder}/data` });
    const program = await instance.start();
    const stream = await Stream.connect(program.url);
    await until(
      "it keeps",
      () => program.health(),
      ({ status, uptimeMs }) => status === "ok" && uptimeMs > 7_000,
    );
    const { memory: { rssBytes } } = await program.health();
    disk.fill();
    await degraded(program, /disk is full/u);
    const closed = stream.closed.length;
    await until("opportunities come and go meanwhile", () => stream.closed.length > closed + 5);
    await serves(program);
    const { memory } = await program.health();
    assert.ok(memory.rssBytes < rssBytes + GROWTH_BYTES, `${rssBytes} → ${memory.rssBytes}`);
    disk.free();
    await until(
      "all is well and everything is kept",
      () => program.health(),
      ({ status, outbox }) => status === "ok" && outbox.records + outbox.pending === 0,
    );
    assert.equal((await instance.stop()).code, 0);
    await stream[Symbol.asyncDispose]();
    await using sql = Sql.sqlite(`${instance.dataDir}/history.sqlite`);
    await checkEpisodes(sql, stream.closed);
  },
});

Deno.test({
  name: "a program starts and serves on a read-only disk, and keeps when it may write",
  ignore,
  async fn() {
    using disk = Mounted.tryNew(16)!;
    await using instance = await Instance.in({ dataDir: `${disk.folder}/data` });
    assert.ok(disk.readOnly(true));
    const program = await instance.start();
    await degraded(program, /read-only|make it writable|right to (?:read and )?write/u);
    await serves(program);
    assert.ok(disk.readOnly(false));
    await until(
      "all is well",
      () => program.health(),
      ({ status, outbox }) => status === "ok" && outbox.records + outbox.pending === 0,
    );
    const { bars } = await program.get<{ bars: unknown[] }>("/prices/history/BTC-USDT");
    assert.ok(bars.length >= 4);
    assert.equal((await instance.stop()).code, 0);
    await using sql = Sql.sqlite(`${instance.dataDir}/history.sqlite`);
    assert.ok(await sql.value("select count(*) as n from minutes") >= 40);
  },
});

Deno.test({
  name: `with a full disk everything goes to PostgreSQL from memory${WITHOUT_POSTGRES}`,
  ignore: ignore || WITHOUT_POSTGRES !== "",
  async fn() {
    using disk = Mounted.tryNew(16)!;
    await using postgres = await PostgresServer.start();
    await using instance = await Instance.in({
      dataDir: `${disk.folder}/data`,
      history: { url: postgres.url },
    });
    const program = await instance.start();
    const stream = await Stream.connect(program.url);
    await until(
      "it keeps",
      () => program.health(),
      ({ status, uptimeMs }) => status === "ok" && uptimeMs > 7_000,
    );
    disk.fill();
    await degraded(program, /disk is full/u);
    const closed = stream.closed.length;
    await until("opportunities come and go meanwhile", () => stream.closed.length > closed + 5);
    const seen = [...stream.closed];
    await until(
      "nothing waits",
      () => program.health(),
      ({ outbox }) => outbox.records + outbox.pending === 0,
    );
    await using sql = postgres.sql();
    await checkEpisodes(sql, seen);
    assert.equal((await program.health()).outbox.dropped, 0);
    assert.equal((await instance.stop()).code, 0);
    await stream[Symbol.asyncDispose]();
    await checkEpisodes(sql, stream.closed);
    assert.ok(await sql.value("select count(*) as n from minutes where not complete") >= 40);
  },
});
