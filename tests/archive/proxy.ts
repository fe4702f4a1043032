/** A TCP proxy that stands between a program and a server, and can cut, refuse and freeze what goes through. */
import { freePort } from "../ports.ts";

export class TcpProxy implements AsyncDisposable {
  readonly port: number;
  readonly #target: Deno.ConnectOptions;
  #listener: Deno.Listener | undefined;
  #connections = new Set<Deno.Conn>();
  #frozen = Promise.withResolvers<void>();

  /** In front of this server; lets everything through at first. */
  constructor(target: Deno.ConnectOptions) {
    this.#target = target;
    this.#frozen.resolve();
    // Clients dial it while it refuses: one that is given to connections could be taken by one of them.
    this.port = freePort();
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#serve(this.#listener);
  }

  /** Open connections, those to the server included. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Ends all connections; new ones are let through. */
  cut(): void {
    for (const connection of this.#connections) close(connection);
    this.#connections.clear();
  }

  /** Ends all connections and refuses new ones, as after the server was killed. */
  refuse(): void {
    this.#listener?.close();
    this.#listener = undefined;
    this.cut();
  }

  /** Nothing goes through any more, and nobody is told: new connections are accepted and hear nothing. */
  freeze(): void {
    this.#frozen.resolve();
    this.#frozen = Promise.withResolvers();
  }

  /** Lets everything through again, what was held back while frozen included. */
  restore(): void {
    this.#frozen.resolve();
    if (this.#listener !== undefined) return;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#serve(this.#listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#frozen.resolve();
    this.refuse();
    return Promise.resolve();
  }

  async #serve(listener: Deno.Listener): Promise<void> {
    try {
      for await (const client of listener) void this.#join(client);
    } catch {
      // The listener is closed.
    }
  }

  async #join(client: Deno.Conn): Promise<void> {
    this.#connections.add(client);
    await this.#frozen.promise;
    try {
      const server = await Deno.connect(this.#target);
      this.#connections.add(server);
      if (!this.#connections.has(client)) close(server);
      await Promise.race([this.#pump(client, server), this.#pump(server, client)]);
      this.#end(server);
    } catch {
      // Either side is gone; that is what this is for.
    }
    this.#end(client);
  }

  async #pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    try {
      const buffer = new Uint8Array(65_536);
      for (;;) {
        const length = await from.read(buffer);
        await this.#frozen.promise;
        if (length === null) return;
        for (let at = 0; at < length;) at += await to.write(buffer.subarray(at, length));
      }
    } catch {
      // As above.
    }
  }

  #end(connection: Deno.Conn): void {
    this.#connections.delete(connection);
    close(connection);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
