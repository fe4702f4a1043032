/**
 * As much of a container engine as can be had without one: builds the stages of a Dockerfile in empty folders, each step
 * in a root of its own, and runs what they end with. A base image is made of what this machine has: its libraries, and
 * for a stage with a shell its programs, too. What a base image really contains is not tried.
 */
import assert from "node:assert/strict";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { DockerfileParser } from "../tools/dockerfile.ts";
import ignore from "../tools/dockerignore.ts";
import { inRoot, type Mounts } from "./root.ts";

const CONTEXT = resolve(new URL("../..", import.meta.url).pathname);

/** What stages begin with: what the base image has, as far as the steps rely on it. */
const BASES: Readonly<Record<string, { programs: boolean; deno: string }>> = {
  "denoland/deno:2.9.6": { programs: true, deno: "/usr/local/bin/deno" },
  "denoland/deno:distroless-2.9.6": { programs: false, deno: "/bin/deno" },
};

/** The folder of a stage, and how its program is run. */
export interface Image {
  folder: string;
  mounts: Mounts;
  env: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: string[];
  healthcheck: string[];
  exposed: string[];
  labels: Record<string, string>;
}

/** As the parser has an instruction; its own types say less. */
interface Step {
  getKeyword(): string;
  getArguments(): { getValue(): string }[];
  getRawArgumentsContent(): string;
  getJSONStrings?(): { getJSONValue(): string }[];
  getFlags?(): { getName(): string; getValue(): string }[];
  getProperties?(): { getName(): string; getValue(): string }[];
}

export function parseDockerfile(): Step[] {
  const text = Deno.readTextFileSync(`${CONTEXT}/deploy/Dockerfile`);
  return DockerfileParser.parse(text).getInstructions() as unknown as Step[];
}

/** Builds all stages below `folder`. Those that nothing asks for are built, too. */
export async function build(folder: string): Promise<Record<string, Image>> {
  const stages: Record<string, Image> = {};
  let image: Image | undefined;
  for (const step of parseDockerfile()) {
    if (step.getKeyword() === "FROM") {
      const [from, , name] = step.getArguments().map((one) => one.getValue());
      image = await begin(`${folder}/${name}`, stages[from!] ?? from!);
      stages[name!] = image;
    } else await perform(step, image!, stages);
  }
  return stages;
}

async function begin(folder: string, from: Image | string): Promise<Image> {
  if (typeof from !== "string") {
    await run("cp", "--archive", from.folder, folder);
    return { ...structuredClone(from), folder, entrypoint: [], healthcheck: [], exposed: [], labels: {} };
  }
  const base = BASES[from];
  assert.ok(base, `It is not known here what ${from} contains; say so in BASES`);
  await Deno.mkdir(folder);
  const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const empty = { entrypoint: [], healthcheck: [], exposed: [], labels: {} };
  return { folder, mounts: base, env: { PATH }, workdir: "/", user: "0:0", ...empty };
}

async function perform(step: Step, image: Image, stages: Readonly<Record<string, Image>>): Promise<void> {
  const args = step.getArguments().map((one) => one.getValue());
  const pairs = () => Object.fromEntries(step.getProperties!().map((one) => [one.getName(), one.getValue()]));
  const command = () => step.getJSONStrings!().map((one) => one.getJSONValue());
  switch (step.getKeyword()) {
    case "WORKDIR":
      image.workdir = args[0]!;
      return await Deno.mkdir(image.folder + image.workdir, { recursive: true });
    case "ENV":
      return void Object.assign(image.env, pairs());
    case "LABEL":
      return void Object.assign(image.labels, pairs());
    case "USER":
      return void (image.user = args[0]!);
    case "EXPOSE":
      return void image.exposed.push(...args);
    case "ENTRYPOINT":
      return void (image.entrypoint = command());
    case "HEALTHCHECK":
      return void (image.healthcheck = JSON.parse(
        step.getRawArgumentsContent().slice(step.getRawArgumentsContent().indexOf("[")),
      ));
    case "RUN": {
      const { code, said } = await inRoot(image, command()).ended;
      return assert.equal(code, 0, `${command().join(" ")}: ${said}`);
    }
    case "COPY": {
      const flags = Object.fromEntries(step.getFlags!().map((flag) => [flag.getName(), flag.getValue()]));
      const target = args.pop()!;
      const to = image.folder + (isAbsolute(target) ? target : join(image.workdir, target));
      await Deno.mkdir(to, { recursive: true });
      for (const from of args) {
        if (flags.from === undefined) await copyFromContext(from, to);
        else await run("cp", "--archive", `${stages[flags.from]!.folder}${from}/.`, to);
      }
      // Without a word about it what is copied belongs to root, as it does here already.
      if (flags.chown !== undefined) await run("chown", "--recursive", flags.chown, to);
      return;
    }
    case "STOPSIGNAL":
    case "CMD":
      return;
    default:
      assert.fail(`It is not known here what ${step.getKeyword()} does`);
  }
}

/** Copies a file, or what is in a folder, as far as `.dockerignore` lets it pass. */
async function copyFromContext(from: string, to: string): Promise<void> {
  // Its types do not say that the module is the function.
  const rules = (ignore as unknown as () => { add(text: string): { filter(paths: string[]): string[] } })();
  const passed = rules.add(await Deno.readTextFile(`${CONTEXT}/.dockerignore`)).filter(filesBelow(CONTEXT));
  const chosen = passed.flatMap((path): [string, string][] => {
    if (from === ".") return [[path, path]];
    if (path === from) return [[path, basename(path)]];
    return path.startsWith(`${from}/`) ? [[path, path.slice(from.length + 1)]] : [];
  });
  assert.ok(chosen.length > 0, `There is no ${from} to copy`);
  for (const [path, name] of chosen) {
    await Deno.mkdir(dirname(`${to}/${name}`), { recursive: true });
    await Deno.copyFile(`${CONTEXT}/${path}`, `${to}/${name}`);
  }
}

function filesBelow(folder: string, under = ""): string[] {
  return [...Deno.readDirSync(`${folder}/${under}`)].flatMap(({ name, isDirectory, isFile }) => {
    if (isDirectory) return name === ".git" ? [] : filesBelow(folder, `${under}${name}/`);
    return isFile ? [under + name] : [];
  });
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, stdin: "null", stdout: "null" })
    .output();
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
