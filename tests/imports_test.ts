import assert from "node:assert/strict";
import { checkRepository } from "./imports.ts";
import { violationsOf } from "./imports/rules.ts";
import { importsOf, usesOf } from "./imports/scan.ts";

const specifiers = (source: string) => importsOf(source).map((one) => one.specifier);

Deno.test("imports of this repository point in the right direction", async () => {
  const { files, violations } = await checkRepository();
  assert.deepEqual(violations, []);
  assert.ok(files > 100, `only ${files} files were read`);
});

Deno.test("every form of import and export is seen, once, with its line", () => {
  const source = `import "./side.ts";
import one from "./one.ts";
import { two, type Two } from './two.ts';
import * as three from "./three.ts";
import four, { type Four as F } from "./four.ts";
import {
  five,
  // "./not.ts"
  sixth as from,
} from "./five.ts";
export { six } from "./six.ts";
export * from "./seven.ts";
export * as eight from "./eight.ts";
const nine = await import("./nine.ts");
const ten = await import(
  \`./ten.ts\`
);
const data = await import("./eleven.json", { with: { type: "json" } });
import twelve from "./twelve.json" with { type: "json" };
new Worker(new URL("./thirteen.ts", import.meta.url), { type: "module" });
import.meta.resolve("./fourteen.ts");
import{fifteen}from"./fifteen.ts";
`;
  assert.deepEqual(importsOf(source).map((one) => [one.specifier, one.line]), [
    ["./side.ts", 1],
    ["./one.ts", 2],
    ["./two.ts", 3],
    ["./three.ts", 4],
    ["./four.ts", 5],
    ["./five.ts", 6],
    ["./six.ts", 11],
    ["./seven.ts", 12],
    ["./eight.ts", 13],
    ["./nine.ts", 14],
    ["./ten.ts", 15],
    ["./eleven.json", 18],
    ["./twelve.json", 19],
    ["./thirteen.ts", 20],
    ["./fourteen.ts", 21],
    ["./fifteen.ts", 22],
  ]);
});

Deno.test("what only looks like an import is none", () => {
  assert.deepEqual(
    specifiers(`
// import "./comment.ts";
/* import "./block.ts";
   export * from "./block2.ts"; */
/** \`\`\`ts
 * import assert from "node:assert/strict";
 * \`\`\` */
const text = 'import "./text.ts"';
const quoted = "it's import(\\"./quoted.ts\\")";
const template = \`import "./template.ts"; \${ 1 + { a: \`\${2}\` }.a.length } export * from "./t2.ts"\`;
const pattern = /import "\\.\\/pattern.ts" [/"'\`]/g;
const half = a / b; const other = c / d; // import "./division.ts"
export const from = "./export_const.ts";
export { half };
export default "./default.ts";
export type Name = "./type.ts";
export interface From { from: "./member.ts" }
object.import("./method.ts");
const key = { import: "./key.ts", from: "./key2.ts" };
function from_() { return from; }
`),
    [],
  );
});

Deno.test("imports after what is hard to read are still seen", () => {
  for (
    const before of [
      "const a = 1 / 2 / 3;",
      "const quote = /[\"'`/]/.test(x);",
      "const c = x ? /a\\/b/ : /'/;",
      "const t = `a${`b${c}`}d`;",
      "const t = `\\``;",
      'const s = "\\"";',
      "const s = '//';",
      "if (a) { b } // it's",
      "#!/usr/bin/env -S deno run\n",
      "const j = <p>Don't</p>;\n",
      "const j = <a href='x' />;",
      "const j = <b>{f(x)}</b>;",
      "const r = (a) / 2; /* ` */",
      "type A<T> = T extends '`' ? 1 : 2;",
      "class A { #from = 1; @d() m() {} }",
      "const big = 1_000n / 2n;",
    ]
  ) assert.deepEqual(specifiers(`${before}\nimport "./after.ts";\n`), ["./after.ts"], before);
});

Deno.test("dynamic import within a template is seen; a computed one is seen as computed", () => {
  assert.deepEqual(specifiers('`${await import("./inner.ts")}`'), ["./inner.ts"]);
  assert.deepEqual(specifiers("import(name)"), [undefined]);
  assert.deepEqual(specifiers('import("./a" + name)'), [undefined]);
  assert.deepEqual(specifiers("import(`./${name}.ts`)"), [undefined]);
});

Deno.test("imports of types are told apart from those that run", () => {
  const typeOnly = (source: string) => importsOf(source)[0]!.typeOnly;
  for (
    const source of [
      'import type X from "./a.ts"',
      'import type { X, Y } from "./a.ts"',
      'import type * as X from "./a.ts"',
      'import { type X } from "./a.ts"',
      'import { type X, type Y as Z, } from "./a.ts"',
      'export type { X } from "./a.ts"',
      'export type * from "./a.ts"',
      'let x: typeof import("./a.ts")',
    ]
  ) assert.equal(typeOnly(source), true, source);
  for (
    const source of [
      'import "./a.ts"',
      'import X from "./a.ts"',
      'import type from "./a.ts"',
      'import type, { X } from "./a.ts"',
      'import { type } from "./a.ts"',
      'import { type as X } from "./a.ts"',
      'import { type X, Y } from "./a.ts"',
      'import {} from "./a.ts"',
      'export * from "./a.ts"',
      'import("./a.ts")',
    ]
  ) assert.equal(typeOnly(source), false, source);
});

Deno.test("comment or template without an end is an error that names its line", () => {
  assert.throws(() => importsOf("a\n/* b"), /Comment that begins in line 2 does not end/);
  assert.throws(() => importsOf("a\n\n`b"), /Template that begins in line 3 does not end/);
});

Deno.test("uses of the platform are seen, members and keys of the same name are not", () => {
  const uses = (source: string) => usesOf(source, ["Date.now", "new Date()", "fetch"]).map((one) => one.name);
  assert.deepEqual(uses("Date.now()"), ["Date.now"]);
  assert.deepEqual(uses("const now = Date . now;"), ["Date.now"]);
  assert.deepEqual(uses("new Date()"), ["new Date()"]);
  assert.deepEqual(uses("await fetch(url)"), ["fetch"]);
  assert.deepEqual(uses("new Date(5); Date.parse(x); port.fetch(x); ({ fetch: 1 }); 'fetch'; // fetch"), []);
});

/** The lines and reasons of what is wrong in one file. */
const wrong = (path: string, source: string) =>
  violationsOf(path, source, ["hono", "preact", "preact/hooks", "swagger-ui-dist/"]);

Deno.test("violation names the file, the line, the import and the rule", () => {
  assert.deepEqual(wrong("core/app/x.ts", '\n\nimport { openLog } from "../../adapters/log/log.ts";\n'), [
    "core/app/x.ts:3: Imports adapters/log/log.ts: The core imports only the core, and no package",
  ]);
});

Deno.test("each layer may import what the architecture says, and nothing else", () => {
  const allowed: [path: string, source: string][] = [
    ["core/app/x.ts", 'import "../domain/quote.ts"'],
    ["core/app/x_test.ts", 'import "node:assert/strict"; import "../../tests/core/until.ts"; Date.now()'],
    ["adapters/log/x.ts", 'import "../../core/ports/log.ts"; import "../clock/system.ts"; import "hono/x"'],
    [
      "adapters/venues/okx/feed.ts",
      'import "../_base/venue.ts"; import "./mapper.ts"; import "../../../core/x.ts"',
    ],
    ["adapters/venues/_base/run.ts", 'import "../registry.ts"; import "../ndjson/feed.ts"'],
    ["adapters/venues/registry.ts", 'import "./okx/feed.ts"; import "./kraken/feed.ts"'],
    ["routes/prices/x.ts", 'import "../../core/app/market.ts"; import "../../ui/env.ts"; import "hono"'],
    ["routes/index.tsx", 'import Screener from "../islands/Screener.tsx"'],
    ["routes/docs/x.ts", 'import "swagger-ui-dist/swagger-ui.css"'],
    ["islands/x/A.tsx", 'import "../b.ts"; import "../../core/domain/quote.ts"; import "preact/hooks"'],
    ["islands/A.tsx", 'import type { Health } from "../core/app/market.ts"'],
    ["islands/x/a.ts", 'import "../../clients/ts/mod.ts"'],
    ["clients/ts/x.ts", 'import "./gen/x.ts"'],
    ["ui/manifest.gen.ts", 'import "../routes/index.tsx"; import "./route.ts"'],
    ["ui/app.ts", 'import "../core/app/market.ts"; import "./env.ts"'],
    ["emulator/okx.ts", 'import "../core/domain/symbol.ts"; import "../adapters/venues/synthetic/market.ts"'],
    ["main.ts", 'import "./adapters/log/log.ts"; import "./core/app/stream.ts"; import "./ui/app.ts"'],
    ["tests/api/x_test.ts", 'import "../../main.ts"; import(anything)'],
    ["tests/tools/x.ts", 'export * from "npm:fast-check@4.10.2"; export * from "npm:@a/b@1.2.3/c"'],
    ["tests/tools/x.ts", 'export * from "npm:@a/b@1.1.0-beta.0/c"'],
  ];
  for (const [path, source] of allowed) assert.deepEqual(wrong(path, source), [], path);

  const refused: [path: string, source: string][] = [
    ["core/app/x.ts", 'import "../../adapters/log/log.ts"'],
    ["core/app/x.ts", 'import type { A } from "../../adapters/log/log.ts"'],
    ["core/app/x.ts", 'export * from "../../ui/env.ts"'],
    ["core/app/x.ts", 'import "node:timers"'],
    ["core/app/x.ts", 'import "hono"'],
    ["core/app/x.ts", "Deno.cwd()"],
    ["core/app/x.ts", "const t = Date.now()"],
    ["core/app/x.ts", "const t = new Date()"],
    ["core/app/x.ts", "const t = performance.now()"],
    ["core/app/x.ts", "setTimeout(f, 1)"],
    ["core/app/x.ts", "await fetch(x)"],
    ["core/app/x.ts", "console.log(x)"],
    ["core/app/x.ts", "Math.random()"],
    ["core/app/x.ts", "await import(x)"],
    ["core/domain/x.ts", 'import "../app/channel.ts"'],
    ["core/app/x_test.ts", 'import "../../tests/tools/fast_check.ts"'],
    ["adapters/log/x.ts", 'import "../../routes/health.ts"'],
    ["adapters/log/x.ts", 'import "../../ui/env.ts"'],
    ["adapters/log/x.ts", 'import "../../emulator/okx.ts"'],
    ["adapters/log/x.ts", 'import "../../main.ts"'],
    ["adapters/log/x.ts", 'import "../../tests/core/until.ts"'],
    ["adapters/log/x.ts", 'new Worker(new URL("../../emulator/main.ts", import.meta.url))'],
    ["adapters/venues/okx/feed.ts", 'import "../kraken/mapper.ts"'],
    ["adapters/venues/okx/feed.ts", 'import "../okx2/mapper.ts"'],
    ["adapters/venues/okx/feed.ts", 'import "../../log/log.ts"'],
    ["adapters/venues/okx/feed.ts", 'await import("../registry.ts")'],
    ["adapters/venues/_base/feed.ts", 'import "../okx/feed.ts"'],
    ["adapters/venues/_base/feed.ts", 'import "../registry.ts"'],
    ["routes/x.ts", 'import "../adapters/http/sse.ts"'],
    ["routes/x.ts", 'import "../main.ts"'],
    ["islands/A.tsx", 'import "../adapters/log/log.ts"'],
    ["islands/A.tsx", 'import { START } from "../core/app/market.ts"'],
    ["islands/A.tsx", 'import type { Supervisor } from "../core/app/supervisor.ts"'],
    ["islands/A.tsx", 'import "hono"'],
    ["islands/A.tsx", 'import "../routes/_sse.ts"'],
    ["islands/A.tsx", 'import "../clients/ts/protobuf.ts"'],
    ["clients/ts/x.ts", 'import type { Quote } from "../../core/domain/quote.ts"'],
    ["clients/ts/x.ts", 'import "../../proto/gen/marketflow_pb.ts"'],
    ["clients/ts/x.ts", 'import "zod"'],
    ["ui/app.ts", 'import "../routes/index.tsx"'],
    ["ui/app.ts", 'import "../adapters/http/sse.ts"'],
    ["emulator/okx.ts", 'import "../adapters/venues/okx/mapper.ts"'],
    ["emulator/okx.ts", 'import type { Mapper } from "../adapters/venues/_base/venue.ts"'],
    ["emulator/okx.ts", 'import "../core/app/channel.ts"'],
    ["main.ts", 'import "./tests/core/until.ts"'],
    ["main.ts", 'import "npm:left-pad@1.0.0"'],
    ["tests/api/x_test.ts", 'import "npm:fast-check@4.10.2"'],
    ["tests/tools/x.ts", 'export * from "npm:fast-check@^4"'],
    ["tests/tools/x.ts", 'export * from "npm:fast-check"'],
    ["adapters/log/x.ts", 'import "https://deno.land/x/a.ts"'],
    ["adapters/log/x.ts", 'import "left-pad"'],
    ["adapters/log/x.ts", 'import "hono2"'],
    ["adapters/log/x.ts", 'import "../../../shared/x.ts"'],
    ["adapters/log/x.ts", 'import "/etc/x.ts"'],
    ["somewhere/x.ts", ""],
  ];
  for (const [path, source] of refused) {
    const found = wrong(path, source);
    assert.equal(found.length, 1, `${path}: ${source}`);
    assert.match(found[0]!, new RegExp(`^${path}:1: `));
  }
});
