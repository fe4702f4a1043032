/**
 * Checks proto/marketflow.proto and writes proto/gen from it, which is checked in, and the same into the client, which has
 * to be whole where it is taken elsewhere. The tools come from npm, and only for this: neither the program nor its tests
 * download them.
 *
 *     deno task proto
 */
const BUF = "npm:@bufbuild/buf@1.74.0";
/** Its version has to be that of @bufbuild/protobuf in deno.json. */
const PLUGIN = "npm:@bufbuild/protoc-gen-es@2.17.0";

const folder = new URL(".", import.meta.url);

/** Runs buf in this folder. */
async function buf(...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-lock", "--allow-read", "--allow-env", "--allow-run", BUF, ...args],
    cwd: folder,
  }).output().then(({ success, stdout, stderr }) => {
    Deno.stdout.writeSync(stdout);
    if (!success) Deno.stderr.writeSync(stderr);
    return { success };
  });
  if (!success) throw new Error(`buf ${args[0]} failed, see above`);
}

/** Writes the generated code to `out`, a path under proto/ or an absolute one. */
export async function generate(out = "gen"): Promise<void> {
  const plugin = [Deno.execPath(), "run", "--quiet", "--no-lock", "--allow-read", "--allow-env", PLUGIN];
  const template = {
    version: "v2",
    plugins: [{ local: plugin, out, opt: ["target=ts", "import_extension=ts"] }],
  };
  await buf("generate", "--template", JSON.stringify(template));
}

if (import.meta.main) {
  await buf("lint");
  await buf("format", "--diff", "--exit-code");
  await generate();
  await generate("../clients/ts/gen");
}
