/**
 * Bundles ui/client.ts with all islands into static/dist, under a name that changes with its content, and empties
 * the folder first.
 *
 *     deno run --unstable-bundle --allow-read --allow-write=static/dist ui/bundle.ts
 */
import { createHash } from "node:crypto";

const entry = new URL("./client.ts", import.meta.url);
const folder = new URL("../static/dist/", import.meta.url);

/** The client as one minified module. Throws with the bundler's words where an island does not build. */
export async function bundle(): Promise<Uint8Array> {
  const result = await Deno.bundle({
    entrypoints: [entry.pathname],
    platform: "browser",
    minify: true,
    write: false,
  });
  const output = result.outputFiles?.find((file) => file.contents !== undefined);
  if (!result.success || !output?.contents) {
    throw new Error(`Islands do not build: ${result.errors.map((error) => error.text).join("; ")}`);
  }
  return output.contents;
}

/** Writes the bundle and returns its file name. */
export async function writeBundle(): Promise<string> {
  const script = await bundle();
  const hash = createHash("sha256").update(script).digest("hex").slice(0, 10);
  const file = `client-${hash}.js`;
  Deno.mkdirSync(folder, { recursive: true });
  for (const old of Deno.readDirSync(folder)) Deno.removeSync(new URL(old.name, folder), { recursive: true });
  Deno.writeFileSync(new URL(file, folder), script);
  return file;
}

if (import.meta.main) await writeBundle();
