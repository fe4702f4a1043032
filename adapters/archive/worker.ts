/** The entry of the archive's Web Worker. */
import { openHistory } from "../history/open.ts";
import { serveArchive } from "./serve.ts";

serveArchive(openHistory);
