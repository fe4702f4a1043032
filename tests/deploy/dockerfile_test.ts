/** deploy/Dockerfile: what linters say of it, and that it fits the program. */
import assert from "node:assert/strict";
import { defaults } from "../../adapters/config/defaults.ts";
import project from "../../deno.json" with { type: "json" };
import { validate } from "../tools/dockerfile.ts";
import { parseDockerfile } from "./image.ts";

const FILE = new URL("../../deploy/Dockerfile", import.meta.url);
const TEXT = Deno.readTextFileSync(FILE);

/** Steps by stage. */
const stages = new Map<string, ReturnType<typeof parseDockerfile>>();
for (const step of parseDockerfile()) {
  if (step.getKeyword() === "FROM") stages.set(step.getArguments()[2]!.getValue(), []);
  else [...stages.values()].at(-1)!.push(step);
}
const commandOf = (stage: string, keyword: string) => {
  const text = stages.get(stage)!.find((step) => step.getKeyword() === keyword)!.getRawArgumentsContent();
  return JSON.parse(text.slice(text.indexOf("["))) as string[];
};
/** The flags of the last `deno run` of a task, and what it runs. */
const taskArgs = (name: "run" | "exchanges") =>
  project.tasks[name].command.split(" && ").at(-1)!.split(" ").slice(2);

Deno.test("the validator of its language server has nothing to say about it", () => {
  assert.deepEqual(validate(TEXT).map(({ range, message }) => `${range.start.line + 1}: ${message}`), []);
  assert.notEqual(validate("FROM a\nCMD a\nCMD b\n").length, 0, "It says so where it has");
});

Deno.test("the linter has nothing to say about it", async () => {
  const lint = async (text: string) => {
    const file = await Deno.makeTempFile({ prefix: "marketflow-" });
    await Deno.writeTextFile(file, text);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--lock=tests/deno.lock"],
        ...["tests/tools/dockerlinter.ts", "--shellcheck", "none", "--json", "--file", file],
        // It takes what stands once in each stage for standing there twice. The validator knows stages.
        ...["--ignore", "EI0001"],
      ],
      cwd: new URL("../..", import.meta.url),
    }).output();
    await Deno.remove(file);
    assert.equal(new TextDecoder().decode(stderr), "");
    const said = new TextDecoder().decode(stdout).trim();
    return said === "" ? [] : JSON.parse(said) as { lineNumber: number; message: string; code: string }[];
  };
  const found = await lint(TEXT);
  assert.deepEqual(found.map(({ lineNumber, code, message }) => `${lineNumber}: ${code}: ${message}`), []);
  assert.ok((await lint("FROM debian:12.1\nADD a /b\n")).length > 0, "It says so where it has");
});

Deno.test("images run with the permissions of the tasks, and download nothing", () => {
  for (const [stage, task] of [["marketflow", "run"], ["exchanges", "exchanges"]] as const) {
    const [, run, cached, ...rest] = commandOf(stage, "ENTRYPOINT");
    assert.deepEqual([run, cached], ["run", "--cached-only"], stage);
    assert.deepEqual(rest, taskArgs(task), stage);
  }
});

Deno.test("the health check asks with what the program may, but writes nowhere", () => {
  const check = commandOf("marketflow", "HEALTHCHECK");
  const entry = commandOf("marketflow", "ENTRYPOINT");
  const expected = entry.filter((one) => !/^--(?:allow-write|v8-flags)=/u.test(one));
  assert.deepEqual(check, [...expected, "--check-health"]);
});

Deno.test("its version, port and user are right", () => {
  for (const name of ["marketflow", "exchanges"]) {
    const find = (keyword: string) => stages.get(name)!.find((step) => step.getKeyword() === keyword)!;
    const labels = Object.fromEntries(
      find("LABEL").getProperties!().map((one) => [one.getName(), one.getValue()]),
    );
    assert.equal(labels["org.opencontainers.image.version"], project.version);
    const [user] = find("USER").getArguments().map((one) => one.getValue());
    assert.match(
      user!,
      /^[1-9]\d*:[1-9]\d*$/u,
      "A number, so that an orchestrator can see that it is not root",
    );
  }
  const [port] = stages.get("marketflow")!.find((step) => step.getKeyword() === "EXPOSE")!.getArguments();
  assert.equal(Number(port!.getValue()), defaults.server.port);
});
