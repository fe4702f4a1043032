/** The service of systemd: it is well formed, lets the program do little, and fits the program. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { freePort } from "../ports.ts";
import { ROOT } from "./program_files.ts";

const UNIT = new URL("deploy/systemd/marketflow.service", ROOT);
const text = Deno.readTextFileSync(UNIT);
/** Of 10, where 0 is no right at all; 9.6 is a service that says nothing of rights. */
const EXPOSURE_AT_MOST = 1.5;
/** Before 254 it passes over these with a warning. */
const NEW_IN_254 = ["RestartSteps", "RestartMaxDelaySec"];

/** What the unit says under this name, each time. */
function values(name: string): string[] {
  return [...text.matchAll(new RegExp(`^${name}=(.*)$`, "gmu"))].map((match) => match[1]!);
}

function value(name: string): string {
  const [one, ...more] = values(name);
  assert.ok(one !== undefined && more.length === 0, `${name} is said ${more.length + (one ? 1 : 0)} times`);
  return one;
}

async function analyze(args: readonly string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", { args: [...args] }).output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function systemdVersion(): Promise<number | undefined> {
  try {
    return Number(/^systemd (\d+)/u.exec((await analyze(["--version"])).said)?.[1]);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("systemd-analyze is not installed: its tests are ignored (package systemd)");
  }
}
const version = await systemdVersion();
const ignore = version === undefined && Deno.env.get("CI") !== "true";

/** A copy whose program is on this machine, with these lines replaced. Given back with `using`. */
function installed(replace: (unit: string) => string = (unit) => unit) {
  const folder = Deno.makeTempDirSync({ prefix: "marketflow-" });
  const file = `${folder}/marketflow.service`;
  const runnable = text.replace(/^ExecStart=\S+/mu, "ExecStart=/bin/true");
  assert.notEqual(runnable, text);
  Deno.writeTextFileSync(file, replace(runnable));
  return { file, [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }) };
}

Deno.test({
  name: "systemd has nothing to say against the service",
  ignore,
  async fn() {
    const complaints = async (file: string) => {
      const { said } = await analyze(["verify", "--man=no", file]);
      return said.split("\n").filter((line) =>
        line.includes("marketflow") &&
        !(version! < 254 && NEW_IN_254.some((key) => line.includes(`'${key}'`)))
      );
    };
    using unit = installed();
    assert.deepEqual(await complaints(unit.file), []);
    using broken = installed((unit) => unit.replace("KillMode=", "KilMode="));
    assert.match((await complaints(broken.file)).join(), /KilMode/u, "It says where there is something");
  },
});

Deno.test({
  name: "the service lets the program do little",
  ignore,
  async fn() {
    const security = (file: string) =>
      analyze(["security", "--offline=true", "--no-pager", `--threshold=${EXPOSURE_AT_MOST * 10}`, file]);
    using unit = installed();
    const { code, said } = await security(unit.file);
    assert.equal(code, 0, said);
    assert.match(said, /Overall exposure level/u);
    using open = installed((unit) => unit.replace(/^(?:DynamicUser|SystemCallFilter|Protect\w+)=.*$/gmu, ""));
    assert.notEqual((await security(open.file)).code, 0, "It would not");
  },
});

Deno.test("the service waits for the end longer than the program takes, and starts it again when that may help", () => {
  const main = Deno.readTextFileSync(new URL("main.ts", ROOT));
  const constant = (name: string) =>
    Number(new RegExp(`const ${name} = ([\\d_]+);`, "u").exec(main)![1]!.replaceAll("_", ""));
  const seconds = Number(/^(\d+)s$/u.exec(value("TimeoutStopSec"))![1]);
  assert.ok(seconds * 1000 > constant("STOP_WITHIN_MS"));
  assert.equal(value("Restart"), "on-failure");
  assert.deepEqual(value("RestartPreventExitStatus").split(" "), [`${constant("EXIT_USAGE")}`]);
  assert.notEqual(constant("EXIT_UNSTOPPABLE"), constant("EXIT_USAGE"));
  // V8 could not run.
  assert.deepEqual(values("MemoryDenyWriteExecute"), []);
});

Deno.test("with the service's own words the program finds its settings, and writes only where it may", async () => {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
  try {
    const [credential] = value("LoadCredential").split(":");
    const [name, path] = value("Environment").split("=");
    assert.equal(path, `%d/${credential}`);
    assert.equal(value("WorkingDirectory"), `%S/${value("StateDirectory")}`);
    await Deno.mkdir(`${folder}/credentials`);
    await Deno.mkdir(`${folder}/state`);
    const port = freePort();
    await Deno.writeTextFile(`${folder}/credentials/${credential}`, `server: {port: ${port}}`, {
      mode: 0o400,
    });
    const flags = /\bdeno run (.*) main\.ts$/u.exec(project.tasks.run.command)![1]!.split(" ");
    assert.ok(flags.includes("--allow-write=data"), "The data folder is in the working directory");
    const read = flags.findIndex((flag) => flag.startsWith("--allow-read="));
    assert.match(flags[read]!, /[=,]\/run\/credentials(?:,|$)/u, "That is where systemd puts them");
    flags[read] = flags[read]!.replace("/run/credentials", `${folder}/credentials`);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", ...flags, new URL("main.ts", ROOT).pathname, "--check-health"],
      cwd: `${folder}/state`,
      env: { [name!]: path!.replace("%d", `${folder}/credentials`) },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.match(new TextDecoder().decode(stdout), new RegExp(`^Nothing listens at \\S+:${port};`, "u"));
    assert.equal(code, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
