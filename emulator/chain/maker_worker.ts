/** The worker's other end. */
import type { BlockReport } from "./maker.ts";
import type { Answers, Ask, FromWorker, ToWorker } from "./messages.ts";

export interface MakerEvents {
  block(report: BlockReport): void;
  trouble(why: string): void;
  /** It has ended of itself. */
  failed(why: string): void;
}

/** Loading it downloads packages the first time. */
const ANSWER_WITHIN_MS = 300_000;

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
  timer: ReturnType<typeof setTimeout>;
}

export class MakerWorker {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #loaded = false;

  constructor(events: MakerEvents) {
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const happened = this.#loaded ? "failed" : "could not be loaded";
      const why = `What makes its blocks ${happened}: ${event.message.split("\n")[0]}`;
      this.#refuseAll(why);
      events.failed(why);
    };
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#loaded = true;
      if (data.kind === "block") return events.block(data.report);
      if (data.kind === "trouble") return events.trouble(data.why);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      clearTimeout(waiting?.timer);
      if (data.kind === "answer") waiting?.resolve(data.answer);
      else waiting?.reject(new Error(data.why));
    };
  }

  /** Throws where the worker cannot do it, or ends before. */
  ask<K extends Ask["kind"]>(ask: Extract<Ask, { kind: K }>): Promise<Answers[K]> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      const late = () => {
        this.#waiting.delete(id);
        reject(new Error(`It did not answer ${ask.kind} within ${ANSWER_WITHIN_MS / 1000} s`));
      };
      const timer = setTimeout(late, ANSWER_WITHIN_MS);
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answers[K]), reject, timer });
      this.#worker.postMessage({ id, ask } satisfies ToWorker);
    });
  }

  end(): void {
    this.#worker.terminate();
    this.#refuseAll("It was stopped");
  }

  #refuseAll(why: string): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new Error(why));
    }
    this.#waiting.clear();
  }
}
