/** The program with exactly the permissions that it asks for, and with less. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import type { Health } from "../../core/app/market.ts";
import { newDatabase, serverIsMissing } from "../history/postgres.ts";
import { present as redisIsThere, RedisServer } from "../cache/redis_server.ts";
import { type Exchanges, startExchanges, venuesOf } from "./exchanges.ts";
import { Process, until } from "./process.ts";
import { type Config, Program } from "./program.ts";

const ENV = "--allow-env=MARKETFLOW_*,PG*,REDIS_*,LOG_TOKENS,LOG_STREAM,WS_NO_*";

/** A configuration in a folder of its own. */
async function inFolder(
  config: Config,
  body: (file: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-permissions-" });
  const file = `${folder}/config.yaml`;
  try {
    await Deno.writeTextFile(
      file,
      JSON.stringify({ server: { port: 0 }, dataDir: `${folder}/data`, ...config }),
    );
    await body(file, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function askFor(file: string, env: Record<string, string> = {}): Promise<string[]> {
  const process = Process.run(["--allow-read", ENV], "main.ts", ["--config", file, "--permissions"], env);
  const { code, stdout, stderr } = await process.untilEnded();
  assert.deepEqual([code, stderr, stdout.length], [0, [], 1]);
  return stdout[0]!.split(" ");
}

async function start(flags: string[], file: string, env: Record<string, string> = {}): Promise<Program> {
  const process = Process.run(flags, "main.ts", ["--config", file], env);
  const ready = await process.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
  return new Program(process, JSON.parse(ready).url);
}

async function untilWell(program: Program, mode: string): Promise<void> {
  await until(
    `it is well in mode ${mode}`,
    () => program.get<Health>("/health"),
    (health) => health.status === "ok" && health.mode === mode,
  );
}

function assertQuiet(program: Program): void {
  const text = [...program.process.stdout, ...program.process.stderr].join("\n");
  assert.doesNotMatch(text, /Requires|NotCapable|Permission is missing|"level":"ERROR"/u);
}

function live(exchanges: Exchanges, more: Config = {}): Config {
  return { mode: "live", venues: { ...venuesOf(exchanges, true), ...poolsOff() }, ...more };
}

function poolsOff(): Record<string, unknown> {
  return { "uniswap-v2": { enabled: false }, "uniswap-v3": { enabled: false } };
}

Deno.test("in test mode it needs no more than it says", () =>
  inFolder({ mode: "test" }, async (file) => {
    const flags = await askFor(file);
    await using program = await start(flags, file);
    await untilWell(program, "test");
    const page = await fetch(`${program.url}/`);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /<\/html>/u);
    program.process.kill("SIGTERM");
    assert.equal((await program.process.untilEnded()).code, 0);
    assertQuiet(program);
  }));

Deno.test("in live mode it needs no more than it says, and reaches nothing else", async () => {
  await using exchanges = await startExchanges();
  await inFolder(live(exchanges), async (file) => {
    const flags = await askFor(file);
    const net = flags.find((flag) => flag.startsWith("--allow-net="))!.slice("--allow-net=".length).split(
      ",",
    );
    assert.deepEqual(net.filter((value) => !/^127\.0\.0\.1:\d+$/u.test(value)), []);
    await using program = await start(flags, file);
    await untilWell(program, "live");
    assert.equal((await fetch(`${program.url}/mode/test`, { method: "POST" })).status, 200);
    await untilWell(program, "test");
    assertQuiet(program);
  });
});

Deno.test({
  name: "with PostgreSQL and Redis, and secrets in files, it needs no more than it says",
  ignore: await serverIsMissing() || !redisIsThere,
  fn: async () => {
    await using redis = await RedisServer.start();
    await using database = await newDatabase();
    const history = new URL(database.url);
    await inFolder({ cache: { url: `redis://127.0.0.1:${redis.port}` } }, async (file, folder) => {
      await Deno.writeTextFile(`${folder}/history-url`, `${history.href}\n`);
      const env = { MARKETFLOW_HISTORY_URL_FILE: `${folder}/history-url` };
      const flags = await askFor(file, env);
      await using program = await start(flags, file, env);
      await untilWell(program, "test");
      // A history that is still being opened is no reason not to be well.
      await until(
        "both databases are used",
        () => program.get<Health>("/health"),
        ({ history: said, cache }) => said.state === "ok" && cache.state === "ok",
      );
      assertQuiet(program);
    });
  },
});

Deno.test("what is vital and missing is told in words, and nothing is started", () =>
  inFolder({ mode: "test" }, async (file) => {
    const flags = await askFor(file);
    const without = (text: string) =>
      flags.map((flag) => flag.replace(`,${text}`, "").replace(`=${text},`, "=")).filter((flag) =>
        !flag.endsWith(`=${text}`)
      );
    const cases: [string[], RegExp][] = [
      [without("static"), /^static: This program may not read that \(style sheets .*--allow-read=static$/u],
      [without("adapters"), /^adapters: .*the code of the workers/u],
      [
        without("127.0.0.1:0"),
        /^127\.0\.0\.1:0: This program may not connect to or listen at that \(the page/u,
      ],
      [without("MARKETFLOW_*"), /^MARKETFLOW_\*: This program may not look up that \(settings\)/u],
      [without("LOG_TOKENS"), /^LOG_TOKENS: /u],
      [without(file), /config\.yaml: Cannot be read: Requires read access/u],
    ];
    for (const [less, line] of cases) {
      assert.notDeepEqual(less, flags);
      await using process = Process.run(less, "main.ts", ["--config", file], {});
      const { code, stdout, stderr } = await process.untilEnded();
      assert.deepEqual([code, stdout], [2, []], `${line}`);
      assert.match(stderr[0]!, line);
      assert.doesNotMatch(stderr.join("\n"), /^\s+at /mu);
    }
  }));

Deno.test("what is missing for a part of it is told, and the rest goes on", () =>
  inFolder({ mode: "test" }, async (file, folder) => {
    const flags = (await askFor(file)).filter((flag) => !flag.startsWith("--allow-write"))
      .map((flag) => flag.replace("stream.bybit.com:443,", ""));
    await using program = await start(flags, file);
    const told = program.log.filter(({ message }) => message === "Permission is missing");
    assert.deepEqual(told.map(({ level }) => level), ["WARN", "WARN"]);
    assert.match(String(told[0]!.problem), /^stream\.bybit\.com:443: .*\(venue bybit\)/u);
    assert.equal(
      told[1]!.problem,
      `${folder}/data: This program may not write that (what is kept); run it with --allow-write=${folder}/data`,
    );
    assert.equal((await fetch(`${program.url}/prices/latest/BTC-USDT`)).status, 200);
  }));

Deno.test("the tasks that a user runs are never allowed everything", () => {
  for (const [name, { command }] of Object.entries(project.tasks)) {
    assert.doesNotMatch(command, /(?:^|\s)(?:-A|--allow-all)\b/u, name);
  }
  const { command } = project.tasks.run;
  for (const kind of ["read", "write", "env"]) {
    assert.match(command, new RegExp(`--allow-${kind}=`, "u"), kind);
  }
  for (const kind of ["run", "ffi", "sys", "import"]) {
    assert.doesNotMatch(command, new RegExp(`--allow-${kind}`, "u"));
  }
});
