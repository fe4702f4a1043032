/** A client of `/opportunities/stream` that keeps everything it is told, and what is open by it. */
import assert from "node:assert/strict";
import type { ClosedOpportunity, Opportunity } from "../../core/domain/opportunity.ts";
import type { Mode } from "../../core/domain/mode.ts";

export type StreamEvent =
  | { id: number; kind: "snapshot"; data: { mode: Mode; opportunities: Opportunity[] } }
  | { id: number; kind: "opportunity"; data: Opportunity }
  | { id: number; kind: "closed"; data: ClosedOpportunity };

export class Stream implements AsyncDisposable {
  readonly events: StreamEvent[] = [];
  /** By id, as they were told last. */
  readonly open = new Map<string, Opportunity>();
  /** `whole`: the program ended it in order. `broken`: the connection did. */
  end: "whole" | "broken" | undefined;
  readonly #pieces: ReadableStreamDefaultReader<string>;
  readonly #reading: Promise<void>;

  private constructor(body: ReadableStream<Uint8Array>) {
    const texts = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>);
    this.#pieces = texts.getReader();
    this.#reading = this.#read().then(() => void (this.end = "whole"), () => void (this.end = "broken"));
  }

  static async connect(url: string, query = ""): Promise<Stream> {
    const response = await fetch(`${url}/opportunities/stream${query}`);
    assert.equal(response.status, 200);
    return new Stream(response.body!);
  }

  get closed(): ClosedOpportunity[] {
    return this.events.flatMap((event) => event.kind === "closed" ? [event.data] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.cancel().catch(() => {});
    await this.#reading;
  }

  async #read(): Promise<void> {
    let rest = "";
    for (;;) {
      const { done, value } = await this.#pieces.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop()!;
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "mu").exec(block)?.[1];
    const data = field("data");
    if (data === undefined) return;
    const event = { id: Number(field("id")), kind: field("event"), data: JSON.parse(data) } as StreamEvent;
    this.events.push(event);
    if (event.kind === "closed") this.open.delete(event.data.id);
    else if (event.kind === "opportunity") this.open.set(event.data.id, event.data);
    else {
      this.open.clear();
      for (const one of event.data.opportunities) this.open.set(one.id, one);
    }
  }
}
