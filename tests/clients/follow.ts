/** Takes the events of a stream as they come, and keeps them for the test to look at. */
import { until } from "../api/program.ts";
import type { StreamError } from "../../clients/ts/mod.ts";

export class Follower<Event extends { type: string }> {
  readonly events: Event[] = [];
  /** What the loop threw. */
  failure: StreamError | undefined;
  readonly done: Promise<void>;

  constructor(stream: AsyncIterable<Event>) {
    this.done = this.#follow(stream);
  }

  async #follow(stream: AsyncIterable<Event>): Promise<void> {
    try {
      for await (const event of stream) this.events.push(event);
    } catch (error) {
      this.failure = error as StreamError;
    }
  }

  /** Those of one type. */
  of<Type extends Event["type"]>(type: Type): Extract<Event, { type: Type }>[] {
    return this.events.filter((event) => event.type === type) as Extract<
      Event,
      { type: Type }
    >[];
  }

  /** Waits for so many of a type, counted from the start. */
  async until<Type extends Event["type"]>(
    type: Type,
    count = 1,
  ): Promise<Extract<Event, { type: Type }>[]> {
    await until(
      `there are ${count} events ${type}, there were ${this.events.map((event) => event.type)}`,
      () => this.of(type).length >= count,
    );
    return this.of(type);
  }
}
