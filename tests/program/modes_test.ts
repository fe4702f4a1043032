/** Switching the mode of the running program, again and again, while streams are open. */
import assert from "node:assert/strict";
import type { ModeStatus } from "../../core/app/market.ts";
import type { Mode } from "../../core/domain/mode.ts";
import { type Exchanges, startExchanges, VENUES, venuesOf } from "./exchanges.ts";
import { until } from "./process.ts";
import { type Program, startProgram } from "./program.ts";
import { Stream } from "./stream.ts";

/** The emulated market does not list it, so in live mode it has no quote and in test mode it has. */
const ONLY_IN_TEST_MODE = "TON-USDT";
const SYMBOLS = ["BTC-USDT", "ETH-USDT", ONLY_IN_TEST_MODE];
const LISTED = SYMBOLS.filter((symbol) => symbol !== ONLY_IN_TEST_MODE);
const SOURCES = ["exchange1", "exchange2", "exchange3"];
const WORKERS: Readonly<Record<Mode, readonly string[]>> = { live: [...VENUES, "ndjson"], test: VENUES };

/** The program is in this mode with all that belongs to it and nothing of the other. */
async function settled(program: Program, exchanges: Exchanges, stream: Stream, mode: Mode): Promise<void> {
  await until(
    `all quotes of ${mode} mode are fresh`,
    () => program.venues(),
    (venues) =>
      venues.length === WORKERS[mode].length &&
      venues.every(({ id, connected, exchanges, freshQuotes }) =>
        WORKERS[mode].includes(id) && connected &&
        freshQuotes === exchanges.length * (mode === "live" ? LISTED : SYMBOLS).length
      ),
  );
  assert.deepEqual((await program.venues()).map(({ id }) => id), WORKERS[mode]);
  const connections = mode === "live" ? 1 : 0;
  await until(
    `each exchange has ${connections} connections`,
    async () => Object.entries(await exchanges.state()).map(([id, { clients }]) => [id, clients]),
    (clients) => clients.every(([, count]) => count === connections),
  );
  const { mode: present, switching } = await program.get<ModeStatus>("/mode");
  assert.deepEqual({ present, switching }, { present: mode, switching: false });

  const only = await program.quotes(ONLY_IN_TEST_MODE);
  const exchangesOf = async (symbol: string) =>
    (await program.quotes(symbol)).map(({ exchange }) => exchange);
  assert.deepEqual(only.map(({ exchange }) => exchange), mode === "test" ? VENUES : []);
  for (const symbol of LISTED) {
    assert.deepEqual(await exchangesOf(symbol), mode === "test" ? VENUES : [...VENUES, ...SOURCES]);
  }
  if (mode === "test") {
    assert.equal((await fetch(`${program.url}/prices/latest/exchange1/BTC-USDT`)).status, 404);
  }

  await until(`the stream is in ${mode} mode`, () => {
    const snapshot = stream.events.findLast((event) => event.kind === "snapshot");
    return snapshot?.data.mode === mode && stream.open.size > 0;
  });
  assert.ok([...stream.open.values()].every(({ symbol }) => mode === "test" || symbol !== ONLY_IN_TEST_MODE));
}

/** Threads and open files of a process; undefined where the system does not tell. */
function resources(pid: number): { threads: number; files: number } | undefined {
  if (Deno.build.os !== "linux") return undefined;
  // Deno itself reads this folder of no other process without all permissions.
  const count = (folder: string) => {
    const { stdout } = new Deno.Command("ls", { args: [`/proc/${pid}/${folder}`] }).outputSync();
    return new TextDecoder().decode(stdout).trim().split("\n").length;
  };
  return { threads: count("task"), files: count("fd") };
}

Deno.test("a hundred quick switches leave the workers, sockets and quotes of one mode, and nothing else", async () => {
  await using exchanges = await startExchanges("--symbols", LISTED.join(","));
  await using program = await startProgram({
    mode: "live",
    symbols: SYMBOLS,
    venues: venuesOf(exchanges, true),
    screener: { minNetBps: -9000, hysteresisBps: 0 },
  });
  await using stream = await Stream.connect(program.url);
  await using filtered = await Stream.connect(program.url, "?symbol=BTC-USDT&exchange=okx");
  const switchTo = (mode: Mode) => program.post<ModeStatus>(`/mode/${mode}`);
  for (let warmUp = 0; warmUp < 2; warmUp++) {
    for (const mode of ["test", "live"] as const) {
      const status = await switchTo(mode);
      assert.deepEqual([status.mode, status.switching], [mode, false]);
      await settled(program, exchanges, stream, mode);
    }
  }
  const before = resources(program.process.pid);

  for (let round = 0; round < 30; round++) {
    await switchTo(round % 2 === 0 ? "test" : "live");
  }
  // Not waited for: they meet a switch under way, and the last one wins.
  for (let round = 0; round < 14; round++) {
    await Promise.all([
      switchTo("test"),
      switchTo("live"),
      switchTo("test"),
      switchTo("live"),
      switchTo("test"),
    ]);
  }
  await switchTo("test");
  await settled(program, exchanges, stream, "test");
  await switchTo("live");
  await settled(program, exchanges, stream, "live");

  const after = () => resources(program.process.pid);
  if (before !== undefined) {
    await until(
      `it is back to ${JSON.stringify(before)}`,
      after,
      (now) => now!.threads <= before.threads + 2 && now!.files <= before.files + 4,
    );
  }
  const modes = program.log.filter(({ message }) => message === "Mode switched").map(({ mode }) => mode);
  // Those that met a switch under way were answered by it.
  assert.ok(modes.length >= 34 && modes.length < 108, `${modes}`);
  assert.ok(filtered.events.length > 0 && filtered.end === undefined && stream.end === undefined);
  const reasons = new Set(stream.closed.map(({ reason }) => reason));
  assert.ok(reasons.has("mode_switch"), [...reasons].join());
  const { venues } = await until("all is well", () => program.health(), ({ status }) => status === "ok");
  assert.deepEqual(venues.map(({ restarts }) => restarts), WORKERS.live.map(() => 0));
});
