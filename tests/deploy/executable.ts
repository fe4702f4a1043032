/**
 * What is inside of an executable that `deno compile` of Deno 2.9 made. Not documented, and pinned with Deno itself:
 * twice a magic word, then parts, each after its length in eight bytes (little-endian): settings as JSON, packages,
 * remote modules, the tree of the embedded files as JSON, and their bytes one after the other.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

const MAGIC = "d3n0l4ndd3n0l4nd";
/** What stands for remote modules where there are none. */
const NO_REMOTE_MODULES = 12;

interface Settings {
  entrypoint_key: string;
  v8_flags: string[];
  code_cache_key: number | null;
  permissions: Record<string, string[] | boolean | null>;
  otel_config: { tracing_enabled: boolean; metrics_enabled: boolean; console: string };
}

type Entry =
  | { Dir: { n: string; e: Entry[] } }
  /** Name and, of its bytes, where they are and how many. */
  | { File: { n: string; o: [number, number] } };

export interface Executable {
  settings: Settings;
  /** By path under the root of the project. */
  files: Map<string, Uint8Array>;
  /** Of packages: by `name/version/path`. */
  packages: Map<string, Uint8Array>;
}

const PACKAGES = ".deno_compile_node_modules/localhost/";

export function readExecutable(file: string): Executable {
  const bytes = Buffer.from(Deno.readFileSync(file));
  let at = bytes.indexOf(MAGIC) + MAGIC.length;
  assert.ok(at >= MAGIC.length, `${file} has nothing embedded`);
  const part = () => {
    const length = Number(bytes.readBigUInt64LE(at));
    at += 8 + length;
    assert.ok(at <= bytes.length, `${file} is not laid out as it was`);
    return bytes.subarray(at - length, at);
  };
  const settings: Settings = JSON.parse(part().toString());
  part();
  assert.ok(
    bytes.subarray(at, at + NO_REMOTE_MODULES).every((byte) => byte === 0),
    "There are remote modules",
  );
  at += NO_REMOTE_MODULES;
  const tree: Entry[] = JSON.parse(part().toString());
  const content = part();

  const files = new Map<string, Uint8Array>();
  const packages = new Map<string, Uint8Array>();
  const walk = (entries: Entry[], under: string) => {
    for (const entry of entries) {
      if ("Dir" in entry) walk(entry.Dir.e, `${under}${entry.Dir.n}/`);
      else {
        const { n, o: [offset, length] } = entry.File;
        const body = content.subarray(offset, offset + length);
        const path = under + n;
        if (path.startsWith(PACKAGES)) packages.set(path.slice(PACKAGES.length), body);
        else files.set(path, body);
      }
    }
  };
  walk(tree, "");
  return { settings, files, packages };
}

/** Writes the files to a folder, as the executable would find them. */
export async function extract(files: ReadonlyMap<string, Uint8Array>, folder: string): Promise<void> {
  for (const [path, body] of files) {
    const file = `${folder}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(file, body);
  }
}
