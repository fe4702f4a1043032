/**
 * Imported before all others: packages look up variables as soon as they are imported, and where that is not allowed they
 * end the program with a stack in place of words.
 */
import { BASE_ENV } from "./env.ts";
import { missingOf, told } from "./missing.ts";

const missing = missingOf(BASE_ENV.map((one) => ({ name: "env", vital: true, ...one })));
if (missing.length > 0) {
  console.error(missing.map(told).join("\n"));
  console.error("\nNothing was started. All that is needed: docs/operations.md, Permissions.");
  Deno.exit(2);
}
