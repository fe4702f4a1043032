/** Every venue with a WebSocket. A new one is a folder and a line here. */
import type { Venue } from "./_base/venue.ts";
import { bybit } from "./bybit/feed.ts";
import { gateio } from "./gateio/feed.ts";
import { kraken } from "./kraken/feed.ts";
import { okx } from "./okx/feed.ts";

export const venues: Record<string, Venue> = { bybit, okx, gateio, kraken };
