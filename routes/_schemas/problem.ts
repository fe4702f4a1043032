/** What errors look like. */
import { z } from "zod";
import { named } from "./base.ts";

export const ProblemSchema = named(
  "Problem",
  z.looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    knownSymbols: z.array(z.string()).optional().meta({ description: "Where a symbol was not known" }),
    knownExchanges: z.array(z.string()).optional().meta({ description: "Where an exchange was not known" }),
    allowed: z.array(z.string()).optional().meta({ description: "Where a period was not valid" }),
    errors: z.array(z.object({ path: z.string(), value: z.string().optional(), message: z.string() }))
      .optional()
      .meta({ description: "Everything that is wrong with the parameters" }),
  }),
  "A problem document (RFC 9457)",
  {
    type: "about:blank",
    title: "Unknown symbol",
    status: 404,
    instance: "/prices/latest/ABC-DEF",
    detail: "Symbol ABC-DEF is not watched; known are BTC-USDT, ETH-USDT",
    knownSymbols: ["BTC-USDT", "ETH-USDT"],
  },
);
