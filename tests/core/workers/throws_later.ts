import { runFeed } from "./_feed.ts";

runFeed((beat) => {
  if (beat === 20) throw new Error("Thrown later");
});
