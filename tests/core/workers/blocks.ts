/** Never yields again. Nothing inside of this process can end it. */
import { runFeed } from "./_feed.ts";

runFeed((beat) => {
  while (beat === 20) { /* for ever */ }
});
