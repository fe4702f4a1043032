/**
 * What waits to be written to one connection: bounded, and as few writes as possible. Everything appended in one
 * turn of the event loop goes out in one write; while a write is under way the next one fills up.
 */
const SMALLEST = 16 * 1024;
/** A client that lets more than this wait has stopped reading and is cut: skipping would corrupt its books. */
export const MOST_WAITING_BYTES = 8 * 1024 * 1024;

export class Output {
  readonly #conn: Deno.Conn;
  #filling = new Uint8Array(SMALLEST);
  #writing = new Uint8Array(SMALLEST);
  #length = 0;
  #busy = false;
  #broken = false;
  #drained: (() => void)[] = [];

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  get waitingBytes(): number {
    return this.#length;
  }

  /** False where the bound is reached; nothing was taken then. What a broken connection would get is dropped. */
  append(bytes: Uint8Array): boolean {
    if (this.#broken) return true;
    const length = this.#length + bytes.length;
    if (length > MOST_WAITING_BYTES) return false;
    if (length > this.#filling.length) {
      const larger = new Uint8Array(Math.max(length, this.#filling.length * 2));
      larger.set(this.#filling.subarray(0, this.#length));
      this.#filling = larger;
    }
    this.#filling.set(bytes, this.#length);
    this.#length = length;
    if (!this.#busy) {
      this.#busy = true;
      queueMicrotask(() => this.#write());
    }
    return true;
  }

  /** Resolves when all is written or the connection is broken. */
  drained(): Promise<void> {
    if (!this.#busy) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  async #write(): Promise<void> {
    try {
      while (this.#length > 0) {
        [this.#filling, this.#writing] = [this.#writing, this.#filling];
        const length = this.#length;
        this.#length = 0;
        for (let at = 0; at < length;) at += await this.#conn.write(this.#writing.subarray(at, length));
      }
    } catch {
      // The reader of this connection sees the same end and cleans up.
      this.#broken = true;
      this.#length = 0;
    }
    this.#busy = false;
    for (const resolve of this.#drained.splice(0)) resolve();
  }
}
