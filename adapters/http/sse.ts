/**
 * Opportunity streams as server-sent events (WHATWG HTML, section 9.2).
 *
 * JSON never contains a raw line break, so one `data:` line holds every body.
 */
import type { StreamEncoder } from "../../core/app/stream.ts";
import { closedJson, opportunityJson } from "../../core/app/wire.ts";

/** How long a browser waits before it connects again. */
const RETRY_MS = 2000;

const text = new TextEncoder();

function event(name: string, id: number, body: unknown): Uint8Array {
  return text.encode(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(body)}\n\n`);
}

export const sse: StreamEncoder = {
  hello: () => text.encode(`retry: ${RETRY_MS}\n\n`),
  snapshot: (id, { mode, opportunities }) =>
    event("snapshot", id, { mode, opportunities: opportunities.map(opportunityJson) }),
  opportunity: (id, opportunity) => event("opportunity", id, opportunityJson(opportunity)),
  closed: (id, closed) => event("closed", id, closedJson(closed)),
  keepAlive: () => text.encode(": keep-alive\n\n"),
};
