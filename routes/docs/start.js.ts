import { ownFile } from "./_own_file.ts";

/** No validator badge: it would send the description to a foreign site. */
const SCRIPT = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
`;

export const GET = ownFile("text/javascript", () => Promise.resolve(SCRIPT));
