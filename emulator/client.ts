/** One connection of an endpoint, from handshake to close. */
import { shut } from "./http.ts";
import { MOST_WAITING_BYTES, Output } from "./output.ts";
import type { Topic } from "./topic.ts";

export class Client {
  readonly conn: Deno.TcpConn;
  readonly output: Output;
  readonly id: string;
  readonly openedAt: number;
  readonly topics = new Set<Topic>();
  /** When it last said anything, and when it was last sent anything; ms since the epoch. */
  heardAt: number;
  toldAt: number;
  /** Subscribe and unsubscribe requests in the hour that began at `hourAt`. */
  requests = 0;
  hourAt: number;
  /** Characters of the arguments of all its subscriptions. */
  argumentCharacters = 0;
  heartbeatAt = 0;
  replaying = false;
  #delayed: { due: number; bytes: Uint8Array }[] = [];
  #delayedBytes = 0;

  constructor(conn: Deno.TcpConn, id: string, now: number) {
    this.conn = conn;
    this.id = id;
    this.output = new Output(conn);
    this.openedAt =
      this.heardAt =
      this.toldAt =
      this.hourAt =
        now;
  }

  /** Appends a frame, after `delayMs` or behind those that wait already. False where the client cannot keep up. */
  send(bytes: Uint8Array, now: number, delayMs: number): boolean {
    this.toldAt = now;
    if (delayMs === 0 && this.#delayed.length === 0) return this.output.append(bytes);
    this.#delayedBytes += bytes.length;
    if (this.#delayedBytes > MOST_WAITING_BYTES) return false;
    this.#delayed.push({ due: now + delayMs, bytes: bytes.slice() });
    return true;
  }

  /** Hands on the delayed frames that are due. */
  release(now: number): boolean {
    let count = 0;
    let taken = true;
    while (taken && count < this.#delayed.length && this.#delayed[count]!.due <= now) {
      const { bytes } = this.#delayed[count++]!;
      this.#delayedBytes -= bytes.length;
      taken = this.output.append(bytes);
    }
    if (count > 0) this.#delayed.splice(0, count);
    return taken;
  }

  /** Cuts the connection with no word of farewell. */
  cut(): void {
    shut(this.conn);
  }

  /** Closes once everything is written. */
  async finish(): Promise<void> {
    await this.output.drained();
    shut(this.conn);
  }
}
