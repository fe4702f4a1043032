/**
 * What the API answers, as zod schemas: the source of the OpenAPI document. The types are checked against the core's,
 * so that a field cannot be added there and forgotten here. This file has what the others are made of.
 */
import { z } from "zod";

/** A schema under a name of its own in the document. */
export const named = <Schema extends z.ZodType>(
  id: string,
  schema: Schema,
  description: string,
  example?: z.output<Schema>,
): Schema => schema.meta({ id, description, ...(example === undefined ? {} : { examples: [example] }) });

/** Fails to compile where a schema and the type of the core differ. */
export type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never;

export const exchange = z.string().meta({ description: "Exchange id" });
export const symbol = z.string().meta({ description: "Canonical symbol: base and quote with a dash" });
export const timeMs = (description: string) =>
  z.int().meta({ description: `${description}; ms since the epoch` });
export const amount = (description: string) => z.number().meta({ description });
export const count = (description: string) => z.int().nonnegative().meta({ description });

export const ModeSchema = named(
  "Mode",
  z.enum(["live", "test"]),
  "`live` reads real venues, `test` reads synthetic ones; data of the two never mixes",
);
