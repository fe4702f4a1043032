import assert from "node:assert/strict";
import { seed } from "../core/seed.ts";
import { newDatabase, serverIsMissing } from "../history/postgres.ts";
import { seeded } from "../random.ts";
import { drained, inFolder, kept, open, settingsFor, STOP_MS } from "./archives.ts";

const RUNS = 50;
const ROOT = new URL("../../", import.meta.url);

/** Runs the program, kills it at a random moment, and returns what it said it had acknowledged. */
async function runAndKill(
  dataDir: string,
  url: string,
  run: number,
  random: () => number,
): Promise<string[]> {
  const write = `--allow-write=${dataDir}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--frozen",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      write,
      "--allow-env=MARKETFLOW_*,PG*,REDIS_*,LOG_TOKENS,LOG_STREAM,WS_NO_*",
      "tests/archive/keeping_program.ts",
      dataDir,
      url,
      `${run}`,
      `${Math.floor(random() * 1e9)}`,
    ],
    cwd: ROOT,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // Moments before the first acknowledgement, too: recovery itself must survive a kill.
  const chunks = Math.floor(random() * 12);
  const thenMs = random() * 30;
  let text = "";
  let seen = 0;
  const timeLimit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const errors = new Response(child.stderr).text();
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    if (++seen === chunks + 1) setTimeout(() => child.kill("SIGKILL"), thenMs);
  }
  clearTimeout(timeLimit);
  await child.status;
  assert.match(text, /^started\n/, await errors);
  assert.equal(await errors, "", "Nothing else went wrong");
  return text.split("\n").slice(0, -1).filter((line) => line.startsWith("kept "));
}

async function killedAtRandom(url: string): Promise<void> {
  await inFolder(async (dataDir) => {
    const random = seeded(seed);
    const settings = settingsFor(dataDir, url);
    /** The highest version that was acknowledged. */
    const acknowledged = new Map<string, number>();
    for (let run = 1; run <= RUNS; run++) {
      for (const line of await runAndKill(dataDir, url, run, random)) {
        const [, key, version] = line.split(" ");
        acknowledged.set(key!, Number(version));
      }
    }
    const opened = await open(settings);
    await drained(opened);
    await opened.archive.stop(STOP_MS);

    const symbols = Array.from({ length: 40 }, (_, n) => `S${n}-USDT`);
    const { bars, episodes } = await kept(settings, symbols);
    const found = new Map<string, number>(episodes.map(({ id }) => [id, 1]));
    for (const { symbol, timestamp, samples } of bars) found.set(`${symbol}/${timestamp}`, samples);
    assert.equal(found.size, bars.length + episodes.length, "Each is there once");
    assert(acknowledged.size > 1_000, `Only ${acknowledged.size} were acknowledged`);
    for (const [key, version] of acknowledged) {
      const there = found.get(key);
      assert(there !== undefined, `${key} is lost; SEED=${seed}`);
      // One that was durable but not acknowledged yet may be later.
      assert(there >= version, `${key} is ${there}, ${version} was acknowledged; SEED=${seed}`);
    }
    const cut = (await kept(settings, ["OPEN-X"])).bars;
    assert(cut.every(({ complete }) => !complete));
  });
}

Deno.test("killed at fifty random moments, all that was acknowledged is in the embedded history once", () =>
  killedAtRandom("sqlite:history.sqlite"));

Deno.test({
  name: "killed at fifty random moments, all that was acknowledged is in PostgreSQL once",
  ignore: await serverIsMissing(),
  async fn() {
    await using database = await newDatabase();
    await killedAtRandom(database.url);
  },
});
