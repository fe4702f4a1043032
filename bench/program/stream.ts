/** A reader of the stream of opportunities that notes how long each event of a probe was under way. */
import { microsOf } from "./market.ts";

const DATA = "data: ";

export class StreamReader {
  /** Milliseconds from the making of a frame to its event here. */
  delaysMs: number[] = [];
  events = 0;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  /** `epoch` as for the source. */
  constructor(url: string, epoch: number) {
    this.#done = this.#read(url, epoch);
  }

  async #read(url: string, epoch: number): Promise<void> {
    const { signal } = this.#stop;
    const response = await fetch(`${url}/opportunities/stream`, { signal });
    const body = response.body!.getReader();
    signal.addEventListener("abort", () => body.cancel().catch(() => {}));
    const decoder = new TextDecoder();
    let rest = "";
    let name = "";
    while (!signal.aborted) {
      const { value, done } = await body.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith(DATA) && name === "opportunity") this.#note(line, epoch);
      }
    }
    if (!signal.aborted) throw new Error("The stream of opportunities ended");
  }

  #note(line: string, epoch: number): void {
    const now = performance.timeOrigin + performance.now();
    this.events++;
    const micros = microsOf(JSON.parse(line.slice(DATA.length)));
    if (micros !== undefined) this.delaysMs.push(now - epoch - micros / 1000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done.catch((error) => {
      if (error?.name !== "AbortError") throw error;
    });
  }
}
