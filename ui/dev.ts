/** Runs before `main.ts` under `deno task dev`: each restart has the islands as they are now. */
import { writeBundle } from "./bundle.ts";

await writeBundle();
