/**
 * Which filter holds, and which is wanted. Filters are asked for one at a time: answers have no name, so the next question
 * waits for the answer, and of several that wait only the last one is sent.
 */
import type { Format } from "./message.ts";

/** The server disconnects a client that sends more than 20 messages in 10 s. */
const DISTANCE_MS = 600;

/** What asks for a filter, as it goes over the wire. */
type Question = ReturnType<Format["subscribe"]>;

export class Subscriptions<Filter> {
  /** The one that holds, or that the first connection asks for. */
  #present: Filter;
  #wanted: Question | undefined;
  #asked: Question | undefined;
  #send: ((question: Question) => void) | undefined;
  /** The server has confirmed the filter of the address on this connection. */
  #greeted = false;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(first: Filter) {
    this.#present = first;
  }

  get present(): Filter {
    return this.#present;
  }

  want(question: Question): void {
    this.#wanted = question;
    this.#ask();
  }

  connected(send: (question: Question) => void): void {
    this.#send = send;
  }

  /** The server says which filter holds: that of the address, or another one that was asked for. */
  confirmed(filter: Filter): "first" | "another" {
    const which = this.#greeted ? "another" : "first";
    this.#greeted = true;
    this.#present = filter;
    this.#asked = undefined;
    this.#ask();
    return which;
  }

  refused(): void {
    this.#asked = undefined;
    this.#ask();
  }

  /** What was asked for and not answered is asked for again on the next connection. */
  disconnected(): void {
    clearTimeout(this.#resting);
    this.#wanted ??= this.#asked;
    this.#asked = this.#send = this.#resting = undefined;
    this.#greeted = false;
  }

  #ask(): void {
    const question = this.#wanted;
    if (!question || !this.#send || !this.#greeted || this.#asked || this.#resting !== undefined) return;
    this.#wanted = undefined;
    this.#asked = question;
    this.#resting = setTimeout(() => {
      this.#resting = undefined;
      this.#ask();
    }, DISTANCE_MS);
    this.#send(question);
  }
}
