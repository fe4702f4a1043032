/** Checks the directions of imports in the whole repository: `deno run --allow-read tests/imports.ts`. */
import { violationsOf } from "./imports/rules.ts";

const ROOT = new URL("../", import.meta.url);
const SKIPPED = new Set(["node_modules", "static", "data", "docs", "deploy", "clients/ts/dist"]);

/** Paths of all TypeScript files under `folder`, relative to the root. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder || ".", ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) {
      if (!entry.name.startsWith(".") && !SKIPPED.has(path)) yield* filesIn(`${path}/`);
    } else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

/** All violations in the repository, and how many files were read. */
export async function checkRepository(): Promise<{ files: number; violations: string[] }> {
  const project = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const packages = Object.keys(project.imports);
  const violations: string[] = [];
  let files = 0;
  for await (const path of filesIn("")) {
    files++;
    // Folder names may hold characters that mean something in an address, such as brackets.
    const address = new URL(path.split("/").map(encodeURIComponent).join("/"), ROOT);
    try {
      violations.push(...violationsOf(path, await Deno.readTextFile(address), packages));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      violations.push(`${path}:1: Cannot be read: ${error.message}`);
    }
  }
  return { files, violations: violations.sort() };
}

if (import.meta.main) {
  const { files, violations } = await checkRepository();
  for (const violation of violations) console.error(violation);
  console.log(
    `Import directions of ${files} files: ${
      violations.length === 0 ? "all right" : `${violations.length} wrong`
    }`,
  );
  if (violations.length > 0) Deno.exit(1);
}
