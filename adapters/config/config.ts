/**
 * The settings of a run. A flag beats the environment, which beats the file, which beats the default. All that is
 * wrong is reported at once.
 */
import { parse as parseYaml, parseDocument } from "yaml";
import type { z } from "zod";
import { defaults } from "./defaults.ts";
import { at, isTree, layer, pathsOf, type Tree, treeOf } from "./layers.ts";
import { SENTENCE } from "./fields.ts";
import { schemaFor, type Settings, VENUE_IDS } from "./schema.ts";

/** Where settings come from. */
export interface Sources {
  /** The file's name and text; undefined where there is none. */
  file?: { name: string; text: string } | undefined;
  /** Looks up one environment variable. */
  env(name: string): string | undefined;
  /** Reads a file that a variable names. Throws where it cannot be read. */
  readText(path: string): string;
  /** Settings by dotted path. */
  flags: Readonly<Record<string, unknown>>;
}

export type Loaded = { settings: Settings } | { problems: string[] };

/** Short names of the settings that also are flags. */
const SHORT_ENV: Readonly<Record<string, string>> = {
  "server.port": "MARKETFLOW_PORT",
  "server.host": "MARKETFLOW_HOST",
  logLevel: "MARKETFLOW_LOG_LEVEL",
};

/** `https://`, and all that follows it in the same text. */
const ADDRESS = /(\b[a-z][a-z0-9+.-]*:\/\/)([^"]*)/giu;

/**
 * `server.stream.maxClients` is `MARKETFLOW_SERVER_STREAM_MAXCLIENTS`. A shell takes no dash in a name: it is
 * `_`, too.
 */
export function envName(path: string): string {
  return `MARKETFLOW_${path.replaceAll(/[.-]/g, "_").toUpperCase()}`;
}

export function loadSettings(sources: Sources): Loaded {
  const problems: string[] = [];
  let tree = layer({}, defaults);
  if (sources.file !== undefined) tree = layer(tree, readFile(sources.file, problems));
  tree = layer(tree, readEnv(sources, tree, problems));
  for (const [path, value] of Object.entries(sources.flags)) tree = layer(tree, treeOf(path, value));
  const result = schemaFor(furtherVenues(tree)).safeParse(tree);
  if (!result.success) problems.push(...result.error.issues.flatMap((issue) => explain(issue, tree)));
  if (result.success && problems.length === 0) return { settings: result.data };
  return { problems: [...new Set(problems)] };
}

function readFile(file: { name: string; text: string }, problems: string[]): Tree {
  const document = parseDocument(file.text, { uniqueKeys: true });
  const said = [...document.errors, ...document.warnings].map((one) => one.message.split(":\n")[0]!);
  try {
    const tree: unknown = said.length === 0 ? document.toJS() : undefined;
    if (isTree(tree)) return tree;
    if (tree !== null && tree !== undefined) {
      problems.push(`${file.name}: Not a list of settings; use «name: value» lines as in config.yaml`);
    }
  } catch (error) {
    // An alias without its anchor is found only here, and is not an error of the library's own kind.
    said.push((error as Error).message);
  }
  problems.push(...said.map((message) => `${file.name}: Not YAML: ${message}`));
  return {};
}

/** Venues that the settings name and that have no defaults: those of pools, which say by which protocol. */
function furtherVenues({ venues }: Tree): string[] {
  if (!isTree(venues)) return [];
  return Object.entries(venues)
    .filter(([id, venue]) => !VENUE_IDS.includes(id) && isTree(venue) && "protocol" in venue)
    .map(([id]) => id);
}

/** What may be set: all that has a default, and what the file has besides, such as chains and venues of its own. */
function readEnv(sources: Sources, below: Tree, problems: string[]): Tree {
  let tree: Tree = {};
  for (const path of new Set([...pathsOf(defaults), ...pathsOf(below)])) {
    const found = [envName(path), SHORT_ENV[path]].filter((name) => name !== undefined)
      .map((name) => variable(sources, name, problems)).find((one) => one !== undefined);
    if (found === undefined) continue;
    try {
      tree = layer(tree, treeOf(path, fromEnv(path, found.text, below)));
    } catch {
      problems.push(`${found.name}: ${show(found.text)} is not allowed; use a YAML value`);
    }
  }
  return tree;
}

/**
 * What a variable says, or the file that `…_FILE` names (as container images have it for secrets), without the line break
 * at its end. An empty variable is one that was not set, as `${NAME:-}` of a compose file leaves it.
 */
function variable(
  sources: Sources,
  name: string,
  problems: string[],
): { name: string; text: string } | undefined {
  const text = sources.env(name) || undefined;
  const file = sources.env(`${name}_FILE`) || undefined;
  if (file === undefined) return text === undefined ? undefined : { name, text };
  if (text !== undefined) problems.push(`${name}: Is set, and ${name}_FILE too; leave one of them out`);
  try {
    const inside = sources.readText(file).replace(/\r?\n$/u, "");
    // As if it had not been set, a secret that was not written would leave the program open.
    if (inside === "") problems.push(`${name}_FILE: ${file} is empty`);
    return { name: `${name}_FILE`, text: inside };
  } catch (error) {
    problems.push(`${name}_FILE: Cannot be read: ${(error as Error).message}`);
  }
}

/** Text settings are taken as they are, others as YAML; `symbols` also as `BTC-USDT,ETH-USDT`. */
function fromEnv(path: string, text: string, below: Tree): unknown {
  const keys = path.split(".");
  const standard = at(defaults, keys) ?? at(below, keys);
  if (typeof standard === "string") return text;
  if (Array.isArray(standard) && !text.trim().startsWith("[")) {
    return text.split(",").map((one) => one.trim());
  }
  return parseYaml(text);
}

/** One line an issue: the path, the value and what is allowed. */
function explain(issue: z.core.$ZodIssue, tree: Tree): string[] {
  if (issue.code === "unrecognized_keys") {
    const known = knownAt(issue.path);
    return issue.keys.map((key) =>
      `${[...issue.path, key].join(".")}: Unknown setting; known here: ${known}`
    );
  }
  if (issue.code === "custom" && issue.params === SENTENCE) {
    return [`${issue.path.join(".")}: ${issue.message}`];
  }
  const message = issue.code === "invalid_key" ? issue.issues[0]?.message ?? issue.message : issue.message;
  const value = issue.code === "invalid_key" ? issue.path.at(-1) : at(tree, issue.path);
  const path = issue.path.join(".");
  if (value === undefined) return [`${path}: Is missing; use ${message}`];
  return [`${path}: ${show(value)} is not allowed; use ${message}`];
}

function knownAt(path: readonly PropertyKey[]): string {
  // A venue or a chain of the user's own has the settings that the others have.
  const [first, , ...rest] = path;
  const like = { venues: "uniswap-v3", chains: "1" }[String(first)];
  const found = at(defaults, path) ?? at(defaults, [first!, like!, ...rest]);
  const known = Object.keys(found as Tree).join(", ");
  return path.join(".") === "venues" ? `${known}; a further venue of pools names its protocol` : known;
}

function show(value: unknown): string {
  // JSON has no NaN and no Infinity, and says null.
  const open = typeof value === "number" ? String(value) : JSON.stringify(value) ?? String(value);
  const text = open.replaceAll(ADDRESS, (_, scheme, rest) => scheme + hostOf(rest));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Of an address only the host is shown: it may have a password in it, or a key in its path. */
function hostOf(address: string): string {
  const [authority = ""] = address.split(/[/?#]/u, 1);
  const path = address.slice(authority.length);
  // A password with a slash in it, which is often what is wrong: then nobody can say where the host begins.
  if (path.includes("@")) return "…";
  return authority.slice(authority.lastIndexOf("@") + 1) + (path.length > 1 ? "…" : path);
}
