/** The schema of the Compose Specification as its linter dclint ships it, that linter, and what validates by schemas. */
export { DCLinter } from "npm:dclint@3.1.0";
export { Ajv } from "npm:ajv@8.20.0";

const place = import.meta.resolve("npm:dclint@3.1.0/package.json");
export const composeSchema = new URL("schemas/compose.schema.json", place);
