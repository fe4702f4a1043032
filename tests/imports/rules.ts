/**
 * Who may import what. The arrows of the architecture point to the core: the core knows nobody, adapters know the core,
 * pages and routes know the core and the layer that serves them, and `main.ts` alone knows all.
 */
import { importsOf, usesOf } from "./scan.ts";

interface Rule {
  /** The files it is for. The first rule that fits a file counts. */
  of: RegExp;
  /** Paths in the repository that these files may import. */
  may: RegExp;
  /** Paths of which they may import types only. */
  mayTypes?: RegExp;
  /** Packages that they may import; `node:` counts as one. */
  packages: RegExp;
  /** The rule in words, to follow the name of the file. */
  says: string;
}

const ANY = /^/;
const NONE = /^(?!)/;
const PREACT = /^preact(?:\/|$)/;
/** The places that name tools: what is in deno.json is downloaded by `deno task start`, too. */
const TOOLS = /^(?:tests\/tools|emulator\/chain\/packages)\//;
const EXACT = /^npm:(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\/|$)/;

const RULES: readonly Rule[] = [
  {
    of: /^(?:tests|bench)\//,
    may: ANY,
    packages: ANY,
    says: "Tests and benchmarks import anything",
  },
  {
    of: /_test\.tsx?$/,
    may: /^(?!tests\/tools\/)/,
    packages: ANY,
    says: "A test beside the code imports anything but tests/tools, which only tests/ and bench/ have",
  },
  {
    of: /^main\.ts$/,
    may: /^(?!tests\/|bench\/)/,
    packages: ANY,
    says: "main.ts wires all of the program",
  },
  {
    of: /^core\/domain\//,
    may: /^core\/domain\//,
    packages: NONE,
    says: "The domain imports only the domain, and no package",
  },
  { of: /^core\//, may: /^core\//, packages: NONE, says: "The core imports only the core, and no package" },
  {
    of: /^adapters\/venues\/_base\/run\.ts$/,
    may: /^(?:core|adapters\/venues|adapters\/clock)\//,
    packages: ANY,
    says: "The worker's entry finds the feed of its venue; it imports core, adapters/venues and the clock",
  },
  {
    of: /^adapters\/venues\/_base\//,
    may: /^(?:core|adapters\/venues\/_base)\//,
    packages: ANY,
    says: "The base of the venues knows no venue; it imports core and itself",
  },
  {
    of: /^adapters\/venues\/([^/]+)\//,
    may: /^(?:core|adapters\/venues\/_base|adapters\/venues\/<1>)\//,
    packages: ANY,
    says: "A venue imports core, ../_base and itself, never another venue",
  },
  {
    of: /^adapters\//,
    may: /^(?:core|adapters|proto)\//,
    packages: ANY,
    says: "An adapter imports core, adapters and proto",
  },
  {
    of: /^routes\//,
    may: /^(?:core|routes|ui|islands)\//,
    packages: ANY,
    says: "A route imports core, routes, ui and the islands that it shows",
  },
  {
    of: /^islands\/pair\/library\.ts$/,
    may: NONE,
    packages: /^lightweight-charts$/,
    says: "The chart library is a file of its own in the browser; it imports that package and nothing else",
  },
  {
    of: /^islands\//,
    may: /^(?:islands\/|core\/domain\/|clients\/ts\/mod\.ts$)/,
    mayTypes: /^(?:core\/app\/market\.ts$|ui\/)/,
    packages: PREACT,
    says:
      "An island goes to the browser; it imports islands, core/domain, clients/ts/mod.ts, preact, and types of core/app/market and ui",
  },
  {
    of: /^clients\//,
    may: /^clients\//,
    packages: /^@bufbuild\/protobuf(?:\/|$)/,
    says: "A client is taken into other projects; it imports itself and @bufbuild/protobuf",
  },
  {
    of: /^ui\/\w+\.gen\.ts$/,
    may: /^(?:ui|routes|islands)\//,
    packages: PREACT,
    says: "A generated list imports routes, islands and ui",
  },
  {
    of: /^ui\//,
    may: /^(?:core|ui)\//,
    packages: ANY,
    says: "The layer under the pages imports core and ui",
  },
  { of: /^proto\//, may: /^(?:core|proto)\//, packages: ANY, says: "Messages import core and proto" },
  {
    of: /^emulator\//,
    may: /^(?:core\/domain|adapters\/venues\/synthetic|emulator)\//,
    packages: ANY,
    says:
      "An emulator shares no code with what it tests; it imports core/domain, the synthetic market and itself",
  },
];

/** What the core must get through a port instead. */
const NOT_IN_CORE = [
  "Deno",
  "Date.now",
  "new Date()",
  "Math.random",
  "performance",
  "crypto",
  "fetch",
  "console",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "WebSocket",
  "process",
];
const CORE_CODE = /^core\/(?!.*_test\.tsx?$)/;

/** Every violation in a file as `path:line: what: the rule`. `packages` are the names that deno.json pins. */
export function violationsOf(path: string, source: string, packages: readonly string[]): string[] {
  const rule = RULES.find((one) => one.of.test(path));
  if (rule === undefined) {
    return [`${path}:1: No rule says what this file may import; add one to tests/imports/rules.ts`];
  }
  const violations: string[] = [];
  for (const { specifier, line, typeOnly } of importsOf(source)) {
    const wrong = judge(rule, path, specifier, typeOnly, packages);
    if (wrong !== undefined) violations.push(`${path}:${line}: ${wrong}`);
  }
  if (CORE_CODE.test(path)) {
    for (const { name, line } of usesOf(source, NOT_IN_CORE)) {
      violations.push(
        `${path}:${line}: Uses ${name}: The core does no I/O and has no clock; it takes a port`,
      );
    }
  }
  return violations;
}

function judge(
  rule: Rule,
  path: string,
  specifier: string | undefined,
  typeOnly: boolean,
  packages: readonly string[],
): string | undefined {
  if (specifier === undefined) {
    return rule.may === ANY ? undefined : "Imports a computed name: Nobody can tell what it is; write it out";
  }
  if (/^\.{1,2}\//.test(specifier)) {
    const target = resolve(path, specifier);
    if (target === undefined) return `Imports ${specifier}: It is outside of the repository`;
    const may = new RegExp(rule.may.source.replace("<1>", rule.of.exec(path)?.[1] ?? ""));
    if (may.test(target) || (typeOnly && rule.mayTypes?.test(target))) return undefined;
    return `Imports ${target}: ${rule.says}`;
  }
  if (TOOLS.test(path) && EXACT.test(specifier)) return undefined;
  const pinned = packages.some((name) =>
    specifier === name || specifier.startsWith(name.replace(/\/?$/, "/"))
  );
  if (!pinned && !specifier.startsWith("node:")) {
    return `Imports ${specifier}: It is not pinned in the imports of deno.json (tools: in tests/tools)`;
  }
  return rule.packages.test(specifier) ? undefined : `Imports ${specifier}: ${rule.says}`;
}

/** The path in the repository that a relative specifier means, or undefined where it leads out of it. */
function resolve(path: string, specifier: string): string | undefined {
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
