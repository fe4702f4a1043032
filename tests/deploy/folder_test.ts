/** Where the project lies does not matter. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { filesBelow, ROOT } from "./program_files.ts";
import { runsWhole } from "./whole.ts";

/** What a copy of the project needs to be bundled and started. */
const FOLDERS = ["adapters", "clients", "core", "islands", "proto", "routes", "static", "ui"];
const FILES = ["deno.json", "deno.lock", "main.ts"];

Deno.test("the program is bundled and runs in a folder whose name has spaces, signs and accents", async () => {
  const temporary = await Deno.makeTempDir({ prefix: "marketflow-" });
  try {
    const folder = `${temporary}/Märkte & more #1 50%`;
    const paths = FOLDERS.flatMap((part) =>
      [...filesBelow(ROOT.pathname + part)].map((file) => `${part}/${file}`)
    );
    for (const path of [...FILES, ...paths.filter((path) => !path.includes("/dist/"))]) {
      const copy = `${folder}/${path}`;
      await Deno.mkdir(copy.slice(0, copy.lastIndexOf("/")), { recursive: true });
      await Deno.copyFile(ROOT.pathname + path, copy);
    }
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "bundle"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const flags = /\bdeno run (.*) main\.ts$/u.exec(project.tasks.run.command)![1]!.split(" ");
    await runsWhole(Deno.execPath(), ["run", "--quiet", ...flags, "main.ts"], { folder, env: {} });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});
