import assert from "node:assert/strict";
import { generate } from "../../proto/generate.ts";

const GENERATED = new URL("../../proto/gen/", import.meta.url);
const OF_CLIENT = new URL("../../clients/ts/gen/", import.meta.url);

Deno.test("the generated code is what `deno task proto` writes from the schema, that of the client too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await generate(folder);
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    for (const generated of [GENERATED, OF_CLIENT]) {
      assert.deepEqual([...Deno.readDirSync(generated)].map(({ name }) => name).sort(), names);
      for (const name of names) {
        const fresh = await Deno.readTextFile(`${folder}/${name}`);
        const checkedIn = await Deno.readTextFile(new URL(name, generated));
        assert.equal(
          checkedIn,
          fresh,
          `${generated.pathname}${name} is not current: run \`deno task proto\` and commit it`,
        );
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the plugin that generates and the library that runs have one version", async () => {
  const imports: Record<string, string> =
    JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url))).imports;
  const library = imports["@bufbuild/protobuf"]!.split("@").at(-1);
  for (const { name } of Deno.readDirSync(GENERATED)) {
    const [line] = /protoc-gen-es v\S+/u.exec(await Deno.readTextFile(new URL(name, GENERATED)))!;
    assert.equal(line, `protoc-gen-es v${library}`);
  }
});
