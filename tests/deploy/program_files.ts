/** What the program is made of, by what Deno says of its modules and by what their text names beside them. */
import assert from "node:assert/strict";

export const ROOT = new URL("../../", import.meta.url);

interface Info {
  modules: {
    kind: string;
    specifier: string;
    dependencies?: { code?: { specifier: string } }[];
    npmPackage?: string;
  }[];
  redirects: Record<string, string>;
  npmPackages: Record<string, { name: string; version: string; dependencies: string[]; localPath: string }>;
}

export interface ProgramFiles {
  /** Modules and what they import as text, by path under the root. */
  modules: Set<string>;
  /** What modules name by `new URL("…", import.meta.url)`: workers, and what is read at run time. */
  named: Set<string>;
  /** Where the files of each package are, by `name/version`. */
  packages: Map<string, string>;
}

/** Of `main.ts` and of all workers that are started from there. */
export async function programFiles(): Promise<ProgramFiles> {
  const found: ProgramFiles = { modules: new Set(), named: new Set(), packages: new Map() };
  const entries = ["main.ts"];
  for (const entry of entries) {
    await follow(entry, found);
    for (const path of found.named) {
      if (path.endsWith(".ts") && !entries.includes(path)) entries.push(path);
    }
  }
  return found;
}

async function follow(entry: string, { modules, named, packages }: ProgramFiles): Promise<void> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--quiet", "--json", entry],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  assert.equal(code, 0);
  const info: Info = JSON.parse(new TextDecoder().decode(stdout));
  const known = new Map(info.modules.map((module) => [module.specifier, module]));
  const wanted = new Set([new URL(entry, ROOT).href]);
  const packageIds = new Set<string>();
  for (const specifier of wanted) {
    const module = known.get(info.redirects[specifier] ?? specifier);
    if (module?.npmPackage !== undefined) packageIds.add(module.npmPackage);
    if (!specifier.startsWith("file:")) continue;
    assert.ok(module, `Deno says nothing of ${specifier}`);
    const path = pathOf(specifier);
    modules.add(path);
    for (const { code } of module.dependencies ?? []) if (code) wanted.add(code.specifier);
    if (/\.tsx?$/u.test(path)) { for (const one of namedIn(path)) named.add(one); }
  }
  for (const id of packageIds) {
    const { name, version, dependencies, localPath } = info.npmPackages[id]!;
    packages.set(`${name}/${version}`, localPath);
    for (const dependency of dependencies) packageIds.add(dependency);
  }
}

/** A module knows where it is only to name something beside it, in a way that can be read here. */
function namedIn(path: string): string[] {
  const text = Deno.readTextFileSync(new URL(encodeURI(path), ROOT));
  const uses = [...text.matchAll(/\bimport\.meta\.(?!main\b)\w+/gu)];
  const names = [...text.matchAll(/new URL\(\s*"([^"]+)",\s*import\.meta\.url,?\s*\)/gu)];
  assert.equal(
    names.length,
    uses.length,
    `${path} uses import.meta for more than new URL("…", import.meta.url)`,
  );
  return names.map((match) => pathOf(new URL(match[1]!, new URL(encodeURI(path), ROOT)).href));
}

/** Under the root of the project. */
function pathOf(url: string): string {
  assert.ok(url.startsWith(ROOT.href), `${url} is outside of the project`);
  return decodeURIComponent(url.slice(ROOT.href.length));
}

/** Every file below a folder of this machine, by path under it. */
export function* filesBelow(folder: string, under = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${under}`)) {
    if (isDirectory) yield* filesBelow(folder, `${under}${name}/`);
    else yield under + name;
  }
}
