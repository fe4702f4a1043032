// Written by ui/generate.ts. Do not edit; run `deno task build`.
import type { ComponentType } from "preact";
import Pair from "../islands/Pair.tsx";
import Screener from "../islands/Screener.tsx";

// deno-lint-ignore no-explicit-any
export const islands: Readonly<Record<string, ComponentType<any>>> = {
  Pair,
  Screener,
};
