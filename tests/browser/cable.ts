/** A cable between the browser and the program: a TCP proxy that can be cut and mended. */

export class Cable implements AsyncDisposable {
  readonly url: string;
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #done: Promise<void>;
  #cut = false;

  /** Leads from an address of this machine to `target`, a port on it. */
  constructor(target: number, hostname = "127.0.0.1") {
    this.#target = target;
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.url = `http://${hostname}:${this.#listener.addr.port}`;
    this.#done = this.#accept();
  }

  /** Ends every connection, and each new one at once. */
  cut(): void {
    this.#cut = true;
    for (const connection of this.#open) this.#close(connection);
  }

  mend(): void {
    this.#cut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#done;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.#cut) near.close();
      else void this.#join(near);
    }
  }

  async #join(near: Deno.TcpConn): Promise<void> {
    this.#open.add(near);
    const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target }).catch(() => undefined);
    if (far === undefined) return this.#close(near);
    this.#open.add(far);
    const ends = [near.readable.pipeTo(far.writable), far.readable.pipeTo(near.writable)];
    // Either side may end first, and a cut is an error to both; what counts is that neither stays open.
    await Promise.race(ends).catch(() => {});
    for (const end of ends) end.catch(() => {});
    this.#close(near);
    this.#close(far);
  }

  #close(connection: Deno.TcpConn): void {
    this.#open.delete(connection);
    try {
      connection.close();
    } catch {
      // Its other side was faster.
    }
  }
}
