/** For tests: the settings that a file, the environment and flags lead to. */
import assert from "node:assert/strict";
import { loadSettings, type Sources } from "./config.ts";
import type { Settings } from "./schema.ts";

export interface Given {
  yaml?: string;
  env?: Record<string, string>;
  /** What stands in files, by name. */
  files?: Record<string, string>;
  flags?: Record<string, unknown>;
}

function load({ yaml, env = {}, files = {}, flags = {} }: Given) {
  const readText = (name: string) => files[name] ?? assert.fail(`No such file: ${name}`);
  const sources: Sources = { env: (name) => env[name], readText, flags };
  if (yaml !== undefined) sources.file = { name: "my.yaml", text: yaml };
  return loadSettings(sources);
}

export function settings(given: Given): Settings {
  const loaded = load(given);
  if ("problems" in loaded) assert.fail(loaded.problems.join("\n"));
  return loaded.settings;
}

export function problems(given: Given): string[] {
  const loaded = load(given);
  assert.ok("problems" in loaded, "it was accepted");
  return loaded.problems;
}

/** A file of the repository's root. */
export const readText = (name: string): string =>
  Deno.readTextFileSync(new URL(`../../${name}`, import.meta.url));
