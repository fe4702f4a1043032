/**
 * Starts the program with the permissions that its settings need, and no more. Which these are the program says itself
 * (`--permissions`); all other flags are those of the task `run`.
 *
 * It may run anything, since who may run deno can do that anyway, and with less Deno starts nothing where the environment
 * has `LD_LIBRARY_PATH`.
 */
import project from "../deno.json" with { type: "json" };
import { readArguments } from "../adapters/config/args.ts";

const RUN = project.tasks.run.command.split(" ").slice(1, -1);
const mayLookUp = RUN.filter((flag) => flag.startsWith("--allow-env="));

/** Asks without a network, and with every file in reach, since the settings may be in any. */
async function ask(): Promise<string> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", ...mayLookUp, "main.ts", ...Deno.args, "--permissions"],
    // It has nothing to export.
    env: { OTEL_DENO: "false" },
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (code !== 0) Deno.exit(code);
  return new TextDecoder().decode(stdout).trimEnd();
}

/** Ends with the program, as it does; a signal is the program's. */
async function start(permissions: readonly string[]): Promise<never> {
  const others = RUN.filter((flag) => !flag.startsWith("--allow-"));
  let program: Deno.ChildProcess | undefined = undefined;
  for (const signal of Deno.build.os === "windows" ? ["SIGINT"] as const : ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      try {
        program?.kill(signal);
      } catch {
        // It has just ended.
      }
    });
  }
  program = new Deno.Command(Deno.execPath(), {
    args: [...others, ...permissions, "main.ts", ...Deno.args],
  }).spawn();
  Deno.exit((await program.status).code);
}

const { help, version, permissions } = readArguments(Deno.args);
const said = await ask();
if (help || version || permissions) console.log(said);
// A path may have spaces in it.
else await start(said.split(/ (?=--allow-)/u));
