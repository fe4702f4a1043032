/** Connections by client, so that one client cannot take all of them, even without asking for anything. */
import type { Socket } from "node:net";
import { groupOf, isLoopback, type Networks, plainAddress } from "./networks.ts";

export class Connections {
  readonly #open = new Map<string, number>();
  readonly #perClient: number;
  readonly #trusted: Networks;

  constructor(perClient: number, trusted: Networks) {
    this.#perClient = perClient;
    this.#trusted = trusted;
  }

  /** Ends a connection that is one too many. Proxies that are trusted and this machine may have any number. */
  admit(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress ?? "");
    if (address === undefined || isLoopback(address) || this.#trusted.has(address)) return;
    const group = groupOf(address);
    const count = this.#open.get(group) ?? 0;
    if (count >= this.#perClient) return void socket.resetAndDestroy();
    this.#open.set(group, count + 1);
    socket.once("close", () => {
      const left = this.#open.get(group)! - 1;
      if (left === 0) this.#open.delete(group);
      else this.#open.set(group, left);
    });
  }
}
