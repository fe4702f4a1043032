/**
 * One connection to Redis, or to all masters of a cluster, by the `redis` package.
 *
 * The package could reconnect by itself; that is switched off, because it keeps commands while it does. Here a
 * connection is used until its first failure and then thrown away; `connection.ts` makes the next one. RESP 2 needs no
 * greeting, which every server and proxy understands.
 */
import { createClient, createCluster, ErrorReply } from "redis";
import type { Clock } from "../../core/ports/clock.ts";
import type { Reply } from "./fields.ts";
import type { RedisServer } from "./url.ts";
import { LATE, within } from "./within.ts";

const CONNECT_WITHIN_MS = 1000;
/** The connection and the first answer together. A server that is stopped still accepts connections. */
const READY_WITHIN_MS = 2000;

export interface Command {
  key: string;
  args: string[];
}

export interface RedisClient {
  /** Replies in the order of the commands; an error that is the reply to a command stands in its place. Never throws. */
  run(commands: readonly Command[]): Promise<(Reply | Error)[]>;
  /** Resolves with the reason when it cannot be used any more. */
  readonly gone: Promise<string>;
  /** Ends it; commands under way fail. */
  destroy(reason: string): void;
}

/** The server said no to one command; the connection is as good as before. */
export function isRefusal(error: unknown): boolean {
  return error instanceof ErrorReply;
}

/** A connection that has answered a ping. Throws an error with what is wrong, or soon after `signal` tells to stop. */
export async function connect(server: RedisServer, clock: Clock, signal: AbortSignal): Promise<RedisClient> {
  const options = await optionsFor(server);
  const { promise: gone, resolve: end } = Promise.withResolvers<string>();
  let lastError: string | undefined;
  let ready = false;
  // A cluster that finds its first node dead says so, and asks the next.
  const failed = (error: unknown) => {
    lastError = wordsOf(error);
    if (ready) end(lastError);
  };
  const { client, send } = server.cluster ? openCluster(server, options) : openSingle(server, options);
  client.on("error", failed);
  client.on("node-error", failed);
  client.on("terminated", failed);
  client.on("end", () => end("The connection was closed"));
  const destroy = (reason: string) => {
    end(reason);
    try {
      client.destroy();
    } catch { /* it was closed already */ }
  };

  const connecting = client.connect().then(() => send(undefined, ["PING"]));
  const stop = () => destroy("Closed");
  signal.addEventListener("abort", stop);
  const answer = await within(connecting, READY_WITHIN_MS, clock).catch((error: unknown) => error as Error);
  signal.removeEventListener("abort", stop);
  if (answer === "PONG" || (Array.isArray(answer) && answer[0] === "PONG")) {
    ready = true;
    return { run: (commands) => run(send, commands), gone, destroy };
  }
  // Destroyed while it connects it would connect all the same.
  connecting.catch(() => {}).finally(() => destroy("It came too late"));
  destroy("It could not be used");
  if (answer === LATE) throw new Error(`No answer within ${READY_WITHIN_MS / 1000} s`);
  if (!(answer instanceof Error)) throw new Error("The answer to a ping is none of Redis");
  // A cluster says only that no node was reachable, and why in an event before.
  if (isRefusal(answer) || lastError === undefined) throw answer;
  throw new Error(lastError);
}

type Send = (key: string | undefined, args: string[]) => Promise<Reply>;
type Options = Awaited<ReturnType<typeof optionsFor>>;

/** The package would start a timer for every command; `within` watches whole batches. */
const NO_TIMEOUT = { timeout: 0 };

async function optionsFor({ tls, username, password, database }: RedisServer) {
  return {
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled" as const,
    ...(database === 0 ? {} : { database }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    socket: {
      connectTimeout: CONNECT_WITHIN_MS,
      reconnectStrategy: false as const,
      ...(tls === undefined ? {} : {
        tls: true as const,
        rejectUnauthorized: tls.verify,
        ...(tls.caFile === undefined ? {} : { ca: await Deno.readTextFile(tls.caFile) }),
      }),
    },
  };
}

function openSingle({ nodes: [node] }: RedisServer, options: Options) {
  const socket = { ...options.socket, ...node };
  const client = createClient({ ...options, RESP: 2, commandOptions: NO_TIMEOUT, socket });
  const send: Send = (_, args) => client.sendCommand<Reply>(args);
  return { client, send };
}

/** A command goes to the node that has its key, and after it where that has moved. */
function openCluster({ nodes }: RedisServer, options: Options) {
  const client = createCluster({
    RESP: 2,
    rootNodes: nodes.map((node) => ({ socket: { ...options.socket, ...node } })),
    defaults: options,
    commandOptions: NO_TIMEOUT,
  });
  const send: Send = (key, args) => client.sendCommand<Reply>(key, false, args);
  return { client, send };
}

/** The package writes what was sent in one turn at once; waiting for each by itself costs no more than its `multi`. */
function run(send: Send, commands: readonly Command[]): Promise<(Reply | Error)[]> {
  return Promise.all(commands.map(({ key, args }) => send(key, args).catch(asError)));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Some errors of sockets have no message but a code, or hold several. */
export function wordsOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: unknown[] };
  if (message) return message;
  return errors?.length ? wordsOf(errors[0]) : code ?? String(error);
}
