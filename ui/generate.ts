/**
 * Writes ui/manifest.gen.ts (routes and islands, for the server) and ui/islands.gen.ts (islands alone, for the
 * browser). Both are checked in; a test fails where they are not current.
 *
 *     deno run --allow-read --allow-write=ui ui/generate.ts
 */
const root = new URL("../", import.meta.url);

const NOTE = "// Written by ui/generate.ts. Do not edit; run `deno task build`.\n";

/** The text of both files, by path under the root of the project. */
export function generate(): Record<string, string> {
  const routes = list("routes", /\.tsx?$/u);
  // Folders under islands/ hold the parts of an island.
  const islands = list("islands", /^[^/]+\.tsx$/u);
  const islandImports = islands.map((file) => `import ${name(file)} from "../islands/${file}";\n`).join("");
  const islandType = "Readonly<Record<string, ComponentType<any>>>";
  return {
    "ui/islands.gen.ts": NOTE + `import type { ComponentType } from "preact";\n` + islandImports +
      `\n// deno-lint-ignore no-explicit-any\nexport const islands: ${islandType} = ` +
      (islands.length === 0 ? "{};\n" : `{\n${islands.map((file) => `  ${name(file)},\n`).join("")}};\n`),
    "ui/manifest.gen.ts": NOTE + `import { islands } from "./islands.gen.ts";\n` +
      `import type { Manifest } from "./route.ts";\n` +
      routes.map((file, at) => `import * as route${at} from "../routes/${file}";\n`).join("") +
      `\nexport const manifest: Manifest = {\n  routes: {\n` +
      routes.map((file, at) => `    "${file}": route${at},\n`).join("") + `  },\n  islands,\n};\n`,
  };
}

/** Files under a folder, as sorted relative paths, without tests and what starts with `_`. */
function list(folder: string, wanted: RegExp): string[] {
  const found: string[] = [];
  const walk = (under: string) => {
    for (const entry of Deno.readDirSync(new URL(`${folder}/${under}`, root))) {
      if (entry.name.startsWith("_") || /_test\.tsx?$/u.test(entry.name)) continue;
      if (entry.isDirectory) walk(`${under}${entry.name}/`);
      else if (wanted.test(under + entry.name)) found.push(under + entry.name);
    }
  };
  walk("");
  return found.sort();
}

function name(file: string): string {
  return file.replace(/\.tsx$/u, "");
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generate())) {
    const url = new URL(path, root);
    // An unchanged file keeps its time, so that a watcher does not start over.
    if (readIfThere(url) !== text) Deno.writeTextFileSync(url, text);
  }
}

function readIfThere(url: URL): string | undefined {
  try {
    return Deno.readTextFileSync(url);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
