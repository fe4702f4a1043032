// Written by ui/generate.ts. Do not edit; run `deno task build`.
import { islands } from "./islands.gen.ts";
import type { Manifest } from "./route.ts";

export const manifest: Manifest = {
  routes: {
  },
  islands,
};
