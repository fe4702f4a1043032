import { runFeed } from "./_feed.ts";

runFeed((beat) => {
  if (beat === 20) Promise.reject(new Error("Nobody caught this"));
});
