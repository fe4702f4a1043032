import { ownFile } from "./_own_file.ts";

export const GET = ownFile(
  "text/javascript",
  async () => (await import("swagger-ui-dist/swagger-ui-bundle.js", { with: { type: "text" } })).default,
);
