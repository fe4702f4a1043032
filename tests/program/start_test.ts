/** `deno task start`, as a user types it: the program with the permissions that its settings need. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import type { Health } from "../../core/app/market.ts";
import { Process, until } from "./process.ts";
import { Program } from "./program.ts";

/** Where a variable like this one is set, Deno lets only those start a program that may start any. */
const ENV = { LD_LIBRARY_PATH: "/nowhere" };
const start = (...args: string[]) => new Process(["task", "--quiet", "start", ...args], ENV);

/** Settings in a folder that the task `run` may not read. */
async function inFolder(body: (file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "marketflow start " });
  const file = `${folder}/settings.yaml`;
  try {
    const settings = { mode: "test", server: { port: 0 }, dataDir: `${folder}/data` };
    await Deno.writeTextFile(file, JSON.stringify(settings));
    await body(file);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Running {
  pid: number;
  args: string;
}

/** The process that runs main.ts below `root`, by the system's own list. */
async function programBelow(root: number): Promise<Running | undefined> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "pid=,ppid=,args="] }).output();
  const lines = new TextDecoder().decode(stdout).split("\n").map((line) =>
    /^ *(?<pid>\d+) +(?<ppid>\d+) (?<args>.*)$/u.exec(line)?.groups
  );
  const children = (parent: number): Running[] =>
    lines.flatMap((line) =>
      Number(line?.ppid) === parent ? [{ pid: Number(line!.pid), args: line!.args! }] : []
    );
  let level = children(root);
  for (; level.length > 0; level = level.flatMap(({ pid }) => children(pid))) {
    const found = level.find(({ args }) => args.includes(" main.ts "));
    if (found !== undefined) return found;
  }
}

Deno.test("the program may do what it says that it needs, gets its signals, and the task ends as it ends", () =>
  inFolder(async (file) => {
    const asked = await start("--config", file, "--permissions").untilEnded();
    assert.deepEqual([asked.code, asked.stderr, asked.stdout.length], [0, [], 1]);
    assert.match(asked.stdout[0]!, /^--allow-net=127\.0\.0\.1:\d+,\S* --allow-read=/u);

    await using task = start("--config", file);
    const ready = await task.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
    const running = await programBelow(task.pid);
    assert.ok(running, "No process runs main.ts");
    try {
      const program = new Program(task, JSON.parse(ready).url);
      await until("it is well", () => program.get<Health>("/health"), ({ status }) => status === "ok");
      const others = project.tasks.run.command.split(" ").filter((word) => /^--(?!allow-)/u.test(word));
      assert.equal(
        running.args.slice(running.args.indexOf(" run ")),
        ` run ${others.join(" ")} ${asked.stdout[0]} main.ts --config ${file}`,
      );
      assert.doesNotMatch(task.stdout.join("\n"), /Permission is missing|"level":"ERROR"/u);
      task.kill("SIGTERM");
      assert.equal((await task.untilEnded()).code, 0);
      assert.ok(task.stdout.some((line) => line.includes('"Stopped"')), task.stdout.join("\n"));
      assert.throws(() => Deno.kill(running.pid, "SIGCONT"), Deno.errors.NotFound);
    } finally {
      try {
        Deno.kill(running.pid, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  }));

Deno.test("what is wrong with settings is said in words, and nothing is started", async () => {
  await using task = start("--config", "nowhere.yaml", "--port", "many");
  const { code, stdout, stderr } = await task.untilEnded();
  assert.equal(code, 2);
  assert.deepEqual(stdout, []);
  assert.match(stderr.join("\n"), /^nowhere\.yaml: Cannot be read: [^]*\nNothing was started\./u);
});

Deno.test("the end of the program is the end of the task, with its exit code", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using task = start("--port", `${listener.addr.port}`);
  const { code, stdout } = await task.untilEnded();
  assert.equal(code, 1);
  assert.match(JSON.parse(stdout[0]!).message, /is taken/u);
});
