/** Asks Redis, but not for long, not twice at once for the same, and not more than so many at once. */
import type { Clock } from "../../core/ports/clock.ts";
import { isRefusal } from "./client.ts";
import type { Connection } from "./connection.ts";
import type { Reply } from "./fields.ts";
import { LATE, within } from "./within.ts";

/** A page waits for this. Longer, and Redis counts as gone until it answers a ping. */
const READ_WITHIN_MS = 250;
const READS_AT_ONCE = 256;

export class Reader {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #underWay = new Map<string, Promise<Reply | undefined>>();

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** The reply, or undefined where Redis is not to be relied on, does not answer or refuses. Never throws. */
  ask(key: string, args: string[]): Promise<Reply | undefined> {
    const { client, trouble } = this.#connection;
    if (client === undefined || trouble !== null) return Promise.resolve(undefined);
    const question = args.join(" ");
    let answer = this.#underWay.get(question);
    if (answer === undefined) {
      if (this.#underWay.size >= READS_AT_ONCE) return Promise.resolve(undefined);
      answer = this.#ask(key, args).finally(() => this.#underWay.delete(question));
      this.#underWay.set(question, answer);
    }
    return answer;
  }

  async #ask(key: string, args: string[]): Promise<Reply | undefined> {
    const client = this.#connection.client!;
    const replies = await within(client.run([{ key, args }]), READ_WITHIN_MS, this.#clock);
    if (replies === LATE) {
      this.#connection.lost(client, `No answer within ${READ_WITHIN_MS} ms`);
      return undefined;
    }
    const [reply] = replies;
    if (!(reply instanceof Error)) return reply;
    if (!isRefusal(reply)) this.#connection.lost(client, reply.message);
    return undefined;
  }
}
