import { end, runFeed } from "./_feed.ts";

runFeed((beat) => {
  if (beat === 20) end();
});
