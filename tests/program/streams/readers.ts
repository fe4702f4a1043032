/** A worker with many readers, so that these take nothing from the thread that measures. Told what to do by messages. */
import { pause, until } from "../process.ts";
import type { Form } from "./messages.ts";
import { type Pace, Reader, type ReaderReport } from "./reader.ts";

/** One in ten is slow, one in fifty silent. The first of each form decodes, and so does all that is not steady. */
const paceOf = (index: number): Pace => index % 50 === 24 ? "silent" : index % 10 === 9 ? "slow" : "steady";
/** One in so many measures how old its events are. */
const MEASURES_EVERY = 10;
/** So many connect at a time. */
const AT_ONCE = 25;
/** Delays above it count as it, ms. */
const MAX_DELAY_MS = 60_000;

export type Order =
  | { kind: "connect"; port: number; forms: readonly { form: Form; count: number }[] }
  /** All read as fast as they can, until they know this table, or that many events where they are steady. */
  | { kind: "finish"; table: [string, number][]; events: number };

export type Answer =
  | { kind: "connected" }
  | { kind: "finished"; reports: ReaderReport[]; delays: Uint32Array };

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Order>) => void) | null;
  postMessage(answer: Answer): void;
};
const readers: Reader[] = [];
/** How many events were so many milliseconds old. */
const delays = new Uint32Array(MAX_DELAY_MS + 1);
const delay = (ms: number) => void delays[Math.min(MAX_DELAY_MS, Math.max(0, Math.round(ms)))]!++;

scope.onmessage = async ({ data: order }) => {
  if (order.kind === "connect") {
    for (const { form, count } of order.forms) {
      for (let index = 0; index < count; index++) {
        const pace = paceOf(index);
        const measures = pace === "steady" && form !== "protobuf" && index % MEASURES_EVERY === 1;
        const decodes = pace !== "steady" || index === 0;
        readers.push(new Reader({ port: order.port, form, pace, decodes, ...(measures && { delay }) }));
        if (readers.length % AT_ONCE === 0) {
          await Promise.all(readers.slice(-AT_ONCE).map(({ ready }) => ready));
        }
      }
    }
    await Promise.all(readers.map(({ ready }) => ready));
    scope.postMessage({ kind: "connected" });
  } else {
    const table = JSON.stringify(order.table);
    for (const reader of readers) reader.hurry();
    const isDone = (reader: Reader) =>
      reader.pace === "steady" ? reader.events >= order.events : reader.knows(table);
    // Where some are never done, the reports tell which.
    await until("all readers are done", () => readers.every(isDone)).catch(() => {});
    // Whatever should not come has time to come.
    await pause(500);
    for (const reader of readers) reader.leave();
    scope.postMessage({ kind: "finished", reports: readers.map((reader) => reader.report()), delays });
  }
};
