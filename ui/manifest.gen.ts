// Written by ui/generate.ts. Do not edit; run `deno task build`.
import { islands } from "./islands.gen.ts";
import type { Manifest } from "./route.ts";
import * as route0 from "../routes/docs/index.ts";
import * as route1 from "../routes/docs/start.js.ts";
import * as route2 from "../routes/docs/swagger-ui-bundle.js.ts";
import * as route3 from "../routes/docs/swagger-ui.css.ts";
import * as route4 from "../routes/health.ts";
import * as route5 from "../routes/index.tsx";
import * as route6 from "../routes/mode/index.ts";
import * as route7 from "../routes/mode/live/index.ts";
import * as route8 from "../routes/mode/test/index.ts";
import * as route9 from "../routes/openapi.json.ts";
import * as route10 from "../routes/opportunities/index.ts";
import * as route11 from "../routes/opportunities/stream.ts";
import * as route12 from "../routes/prices/latest/[exchange]/[symbol].ts";
import * as route13 from "../routes/prices/latest/[symbol].ts";
import * as route14 from "../routes/venues.ts";

export const manifest: Manifest = {
  routes: {
    "docs/index.ts": route0,
    "docs/start.js.ts": route1,
    "docs/swagger-ui-bundle.js.ts": route2,
    "docs/swagger-ui.css.ts": route3,
    "health.ts": route4,
    "index.tsx": route5,
    "mode/index.ts": route6,
    "mode/live/index.ts": route7,
    "mode/test/index.ts": route8,
    "openapi.json.ts": route9,
    "opportunities/index.ts": route10,
    "opportunities/stream.ts": route11,
    "prices/latest/[exchange]/[symbol].ts": route12,
    "prices/latest/[symbol].ts": route13,
    "venues.ts": route14,
  },
  islands,
};
