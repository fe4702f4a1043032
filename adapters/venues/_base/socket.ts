/**
 * One WebSocket from dialling to its end, which comes exactly once. After it ended or was closed by us nothing more
 * is heard of it, whatever still arrives.
 */
export interface SocketEnd {
  reason: string;
  /** The HTTP status that refused the handshake; null where there was none. */
  status: number | null;
}

export interface SocketEvents {
  opened(): void;
  text(frame: string): void;
  binary(bytes: number): void;
  /** The other side closed, the network failed, or it never opened. Not called after `close`. */
  ended(end: SocketEnd): void;
}

/**
 * Sockets that we closed and that the other side has not let go of. Deno has no way to free such a socket, it stays
 * until the other side answers or the kernel gives up after a quarter of an hour. So they are counted, and a worker
 * that collects too many ends itself, for the supervisor to start a clean one.
 */
export class ClosingSockets {
  #count = 0;
  readonly #most: number;

  constructor(most = 32) {
    this.#most = most;
  }

  get count(): number {
    return this.#count;
  }

  add(socket: WebSocket): void {
    this.#count++;
    socket.onclose = () => {
      this.#count--;
    };
    if (this.#count > this.#most) {
      throw new Error(`${this.#count} closed connections are not let go of by the venue, starting over`);
    }
  }
}

/** Deno tells the status of a refused handshake in the text of the error only, and its headers not at all. */
const STATUS = /status code: (\d{3})/;

export class Socket {
  readonly #socket: WebSocket;
  readonly #closing: ClosingSockets;
  #error: string | undefined;

  constructor(url: string, events: SocketEvents, closing: ClosingSockets) {
    this.#closing = closing;
    const socket = this.#socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => events.opened();
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") events.text(data);
      else events.binary((data as ArrayBuffer).byteLength);
    };
    socket.onerror = (event) => {
      event.preventDefault();
      this.#error = (event as ErrorEvent).message;
    };
    socket.onclose = ({ code, reason }) => {
      this.#silence();
      const status = STATUS.exec(this.#error ?? "")?.[1];
      events.ended({
        reason: this.#error ?? `The venue closed the connection: ${code} ${reason}`.trimEnd(),
        status: status === undefined ? null : Number(status),
      });
    };
  }

  /** A socket that is closing takes nothing. */
  send(frame: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  close(): void {
    this.#silence();
    if (this.#socket.readyState >= WebSocket.CLOSING) return;
    this.#socket.close();
    this.#closing.add(this.#socket);
  }

  #silence(): void {
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.onerror = (event) => event.preventDefault();
  }
}
