/**
 * One WebSocket. Only so much is sent as its peer has room for: of what was sent, pings tell how much has been read.
 *
 * Without that, buffers of two kernels and of every proxy between would fill first. They take megabytes, so a slow peer
 * would be minutes behind before anybody noticed, and what is in them can be neither conflated nor taken back.
 */
import type { MessageSocket } from "../../core/ports/connection.ts";
// @ts-types="./ws.d.ts"
import type { WebSocket } from "ws";

/** So much may be on its way to a peer, and one message. At 100 ms to there and back that is 650 KB a second. */
const WINDOW_BYTES = 65_536;

export class OpenSocket implements MessageSocket {
  readonly #socket: WebSocket;
  readonly reset: () => void;
  readonly fail: (error: unknown) => void;
  /** Bytes, and one for each ping, so that no two pings are the same. */
  #sent = 0;
  /** Of `#sent`, what stood before the last ping, and before the last one that was answered. */
  #asked = 0;
  #read = 0;
  /** What has to be read by the next round of pings. */
  #due = 0;
  #closed = false;
  #waiting: (() => void)[] = [];

  /** `failed` is told of faults of ours. */
  constructor(socket: WebSocket, reset: () => void, failed: (error: unknown) => void) {
    this.#socket = socket;
    this.reset = reset;
    this.fail = (error) => {
      failed(error);
      reset();
    };
    socket.on("pong", (payload) => this.#answered(payload));
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  async send(data: Uint8Array, binary: boolean): Promise<boolean> {
    this.#sent += data.length;
    const sent = new Promise<boolean>((resolve) =>
      this.#socket.send(data, { binary }, (error) => resolve(!error))
    );
    if (this.#sent - this.#asked >= WINDOW_BYTES / 2) this.#ask();
    if (!(await sent)) return false;
    while (this.#sent - this.#read >= WINDOW_BYTES && !this.#closed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return !this.#closed;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Asks for a sign of life. False where the last time has not been answered. */
  probe(): boolean {
    if (this.#read < this.#due) return false;
    this.#ask();
    this.#due = this.#asked;
    return true;
  }

  #ask(): void {
    this.#asked = ++this.#sent;
    const payload = new Uint8Array(8);
    new DataView(payload.buffer).setFloat64(0, this.#asked);
    this.#socket.ping(payload);
  }

  /** A peer may also answer what it was not asked. */
  #answered(payload: Uint8Array): void {
    if (payload.length !== 8) return;
    const read = new DataView(payload.buffer, payload.byteOffset).getFloat64(0);
    if (!(read > this.#read && read <= this.#asked)) return;
    this.#read = read;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
