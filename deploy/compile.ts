/**
 * Makes one executable of the program, with all that it needs inside. Run it as a task, which bundles the page's
 * scripts before:
 *
 *     deno task compile [--target TARGET]     dist/marketflow, or dist/marketflow-TARGET
 *     deno task compile:all                   one for each of TARGETS
 *
 * It starts with the flags of the task `run`: nobody knows yet with which settings. So what that may do, the executable
 * may do, and no more.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import project from "../deno.json" with { type: "json" };

const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** What no import leads to; tests/deploy/compile_test.ts finds what is forgotten here. */
const INCLUDED = [
  "static",
  "adapters/archive/worker.ts",
  "adapters/history/reader_worker.ts",
  "adapters/venues/_base/worker.ts",
];

/**
 * Deno reads every file of a package that it embeds, also as code what is none. These are numbers, a line each, some
 * below zero: a subtraction of 100,000 terms, on which it dies with an overflow of its stack (2.9.6).
 */
function unreadable(): string {
  const bintrees = ["prom-client", "tdigest", "bintrees"].reduce(
    (from, name) => createRequire(from).resolve(name),
    import.meta.filename!,
  );
  return `${dirname(bintrees)}/test`;
}

/** From `deno run` to the name of the script. */
function flagsOfRun(): string[] {
  const flags = /\bdeno run (.*) main\.ts$/u.exec(project.tasks.run.command)?.[1];
  if (flags === undefined) throw new Error("The task run does not end with «deno run … main.ts»");
  return flags.split(" ");
}

async function compile(output: string, target: string | undefined): Promise<boolean> {
  const { success } = await new Deno.Command("deno", {
    args: [
      "compile",
      // `deno task ok` does that.
      "--no-check",
      "--exclude-unused-npm",
      // It would be a file of a known name in the system's folder for temporary files, which others may write to.
      "--no-code-cache",
      ...flagsOfRun(),
      ...INCLUDED.map((path) => `--include=${path}`),
      `--exclude=${unreadable()}`,
      ...target === undefined ? [] : [`--target=${target}`],
      `--output=${output}`,
      "main.ts",
    ],
    cwd: new URL("..", import.meta.url),
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return success;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: "string", multiple: true, default: [] },
      all: { type: "boolean", default: false },
      output: { type: "string", default: "dist" },
    },
  });
  const targets = values.all ? TARGETS : values.target;
  for (const target of targets.length === 0 ? [undefined] : targets) {
    const name = target === undefined ? "marketflow" : `marketflow-${target}`;
    if (!await compile(`${values.output}/${name}`, target)) Deno.exit(1);
  }
}
