import { ownFile } from "./_own_file.ts";

export const GET = ownFile(
  "text/css",
  async () => (await import("swagger-ui-dist/swagger-ui.css", { with: { type: "text" } })).default,
);
