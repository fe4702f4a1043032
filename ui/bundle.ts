/**
 * Bundles ui/client.ts with all islands into static/dist, under names that change with their content, and empties
 * the folder first. What an island imports with `import()` becomes a file of its own, which the browser loads then.
 *
 *     deno run --unstable-bundle --allow-read --allow-write=static/dist ui/bundle.ts
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

const entry = new URL("./client.ts", import.meta.url);
const folder = new URL("../static/dist/", import.meta.url);

interface Bundled {
  name: string;
  contents: Uint8Array;
}

/**
 * The client as minified modules: the entry first, then what it imports only when it is needed, under names that the
 * bundler has made of their content. Throws with the bundler's words where an island does not build.
 */
export async function bundle(): Promise<[entry: Bundled, ...chunks: Bundled[]]> {
  const result = await Deno.bundle({
    entrypoints: [fileURLToPath(entry)],
    platform: "browser",
    minify: true,
    codeSplitting: true,
    outputDir: fileURLToPath(folder),
    write: false,
  });
  const files = (result.outputFiles ?? []).flatMap(({ path, contents }) =>
    contents === undefined ? [] : [{ name: basename(path), contents }]
  );
  const client = files.find((file) => file.name === "client.js");
  if (!result.success || client === undefined) {
    throw new Error(`Islands do not build: ${result.errors.map((error) => error.text).join("; ")}`);
  }
  // Nothing imports the entry, so it can have another name; a chunk is named by whoever imports it.
  return [
    { name: `client-${hash(client.contents)}.js`, contents: client.contents },
    ...files.filter((file) => file !== client),
  ];
}

/** Writes the bundle and returns the file name of its entry. */
export async function writeBundle(): Promise<string> {
  const files = await bundle();
  Deno.mkdirSync(folder, { recursive: true });
  for (const old of Deno.readDirSync(folder)) Deno.removeSync(new URL(old.name, folder), { recursive: true });
  for (const { name, contents } of files) Deno.writeFileSync(new URL(name, folder), contents);
  return files[0].name;
}

function hash(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex").slice(0, 10);
}

if (import.meta.main) await writeBundle();
