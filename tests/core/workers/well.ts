import { runFeed } from "./_feed.ts";

runFeed();
