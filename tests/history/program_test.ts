/** Both histories in processes that have the permissions of the program, and two of them at once. */
import assert from "node:assert/strict";
import { newDatabase, serverIsMissing } from "./postgres.ts";

const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-env=MARKETFLOW_*,PG*,REDIS_*,LOG_TOKENS,LOG_STREAM,WS_NO_*",
];
const PROGRAM = new URL("./keeping_program.ts", import.meta.url).pathname;
const decoder = new TextDecoder();

async function run(
  cwd: string,
  url: string,
  write = ["--allow-write=data"],
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", ...PERMISSIONS, ...write, PROGRAM, url, "data"],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(decoder.decode(stderr), "");
  return JSON.parse(decoder.decode(stdout));
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "history_" });
  try {
    await body(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const KEPT = { bars: 1 };

Deno.test("History in SQLite: works with the program's permissions, in two programs that start at once", () =>
  inFolder(async (folder) => {
    const [one, other] = await Promise.all([
      run(folder, "sqlite:history.db"),
      run(folder, "sqlite:history.db"),
    ]);
    assert.deepEqual([one, other], [KEPT, KEPT]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["data"]);
  }));

Deno.test("History in SQLite: a folder that may not be written to is refused, with what to do", () =>
  inFolder(async (folder) => {
    const { kind, message } = await run(folder, "sqlite:history.db", []);
    assert.equal(kind, "refused");
    assert.match(
      String(message),
      /^History in data\/history\.db cannot be opened .*give this program the right/,
    );
  }));

Deno.test({
  name: "History in PostgreSQL: works with the program's permissions, in two programs that start at once",
  ignore: await serverIsMissing(),
  fn: () =>
    inFolder(async (folder) => {
      await using database = await newDatabase();
      const [one, other] = await Promise.all([run(folder, database.url), run(folder, database.url)]);
      assert.deepEqual([one, other], [KEPT, KEPT]);
    }),
});
