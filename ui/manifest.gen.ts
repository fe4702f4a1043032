// Written by ui/generate.ts. Do not edit; run `deno task build`.
import { islands } from "./islands.gen.ts";
import type { Manifest } from "./route.ts";
import * as route0 from "../routes/docs/index.ts";
import * as route1 from "../routes/docs/start.js.ts";
import * as route2 from "../routes/docs/swagger-ui-bundle.js.ts";
import * as route3 from "../routes/docs/swagger-ui.css.ts";
import * as route4 from "../routes/health.ts";
import * as route5 from "../routes/index.tsx";
import * as route6 from "../routes/metrics.ts";
import * as route7 from "../routes/mode/index.ts";
import * as route8 from "../routes/mode/live/index.ts";
import * as route9 from "../routes/mode/test/index.ts";
import * as route10 from "../routes/openapi.json.ts";
import * as route11 from "../routes/opportunities/history.ts";
import * as route12 from "../routes/opportunities/index.ts";
import * as route13 from "../routes/opportunities/stream.ts";
import * as route14 from "../routes/opportunities/ws.ts";
import * as route15 from "../routes/pairs/[symbol].tsx";
import * as route16 from "../routes/prices/average/[exchange]/[symbol].ts";
import * as route17 from "../routes/prices/average/[symbol].ts";
import * as route18 from "../routes/prices/highest/[exchange]/[symbol].ts";
import * as route19 from "../routes/prices/highest/[symbol].ts";
import * as route20 from "../routes/prices/history/[symbol].ts";
import * as route21 from "../routes/prices/latest/[exchange]/[symbol].ts";
import * as route22 from "../routes/prices/latest/[symbol].ts";
import * as route23 from "../routes/prices/lowest/[exchange]/[symbol].ts";
import * as route24 from "../routes/prices/lowest/[symbol].ts";
import * as route25 from "../routes/prices/recent/[exchange]/[symbol].ts";
import * as route26 from "../routes/quotes/ws.ts";
import * as route27 from "../routes/venues.ts";

export const manifest: Manifest = {
  routes: {
    "docs/index.ts": route0,
    "docs/start.js.ts": route1,
    "docs/swagger-ui-bundle.js.ts": route2,
    "docs/swagger-ui.css.ts": route3,
    "health.ts": route4,
    "index.tsx": route5,
    "metrics.ts": route6,
    "mode/index.ts": route7,
    "mode/live/index.ts": route8,
    "mode/test/index.ts": route9,
    "openapi.json.ts": route10,
    "opportunities/history.ts": route11,
    "opportunities/index.ts": route12,
    "opportunities/stream.ts": route13,
    "opportunities/ws.ts": route14,
    "pairs/[symbol].tsx": route15,
    "prices/average/[exchange]/[symbol].ts": route16,
    "prices/average/[symbol].ts": route17,
    "prices/highest/[exchange]/[symbol].ts": route18,
    "prices/highest/[symbol].ts": route19,
    "prices/history/[symbol].ts": route20,
    "prices/latest/[exchange]/[symbol].ts": route21,
    "prices/latest/[symbol].ts": route22,
    "prices/lowest/[exchange]/[symbol].ts": route23,
    "prices/lowest/[symbol].ts": route24,
    "prices/recent/[exchange]/[symbol].ts": route25,
    "quotes/ws.ts": route26,
    "venues.ts": route27,
  },
  islands,
};
