/** Client of MarketFlow's streams, for browsers, Deno and Node. See README.md. */
export { StreamError, type StreamErrorCode } from "./errors.ts";
export { json } from "./json.ts";
export type { Format } from "./message.ts";
export * from "./opportunities.ts";
export type { ConnectionEvent, StreamEvent, StreamOptions } from "./options.ts";
export * from "./quotes.ts";
export type { MarketStream } from "./stream.ts";
export type * from "./types.ts";
