/**
 * Makes plain JavaScript with declarations of the client, for Node and for bundlers: `clients/ts/dist`. The compiler comes
 * from npm, and only for this: neither the program nor the client needs it.
 *
 *     deno task client
 */
export const COMPILER = "npm:typescript@5.9.3/tsc";
const source = new URL("ts/", import.meta.url);

/** Writes to `out`, a path under clients/ts or an absolute one. Types are checked elsewhere: `deno task ok`. */
export async function build(out = "dist"): Promise<void> {
  const options = [
    ...["--outDir", out, "--rootDir", ".", "--declaration", "--noCheck", "--rewriteRelativeImportExtensions"],
    ...["--target", "es2022", "--lib", "esnext,dom", "--module", "nodenext"],
    ...["--strict", "--exactOptionalPropertyTypes"],
  ];
  const permissions = ["--allow-read", "--allow-env", `--allow-write=${out}`];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--no-prompt",
      ...permissions,
      COMPILER,
      ...options,
      "mod.ts",
      "protobuf.ts",
    ],
    cwd: source,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`The client cannot be built:\n${new TextDecoder().decode(stdout)}`);
}

if (import.meta.main) await build();
