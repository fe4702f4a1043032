/** The bare loop: a worker that receives the frames and parses their JSON, and nothing else. */
import { finish, measure, task } from "./contestant.ts";

const count = new SharedArrayBuffer(8);
const worker = new Worker(new URL("./bare_worker.ts", import.meta.url), { type: "module" });
worker.postMessage({ url: `ws://127.0.0.1:${task().port}/v5/public/spot`, count });
const frames = new Float64Array(count);
finish(await measure(() => frames[0]!));
