// Written by ui/generate.ts. Do not edit; run `deno task build`.
import type { ComponentType } from "preact";

// deno-lint-ignore no-explicit-any
export const islands: Readonly<Record<string, ComponentType<any>>> = {};
