/**
 * Follows `/opportunities/stream`, or the same over a WebSocket where the page's address says `?stream=ws`. The browser's
 * EventSource comes back by itself after a cut, and tells the server what it saw last; it gives up where the server
 * answers with an error, and it does not notice a connection that died in silence. Both are seen to here.
 */
import type { Mode } from "../../core/domain/mode.ts";
import type { ClosedOpportunity, Opportunity } from "../../core/domain/opportunity.ts";

export type Connection = "connecting" | "live" | "reconnecting" | "offline";

export interface StreamEvents {
  snapshot(mode: Mode, opportunities: Opportunity[]): void;
  opportunity(opportunity: Opportunity): void;
  closed(opportunity: ClosedOpportunity): void;
  connection(state: Connection): void;
}

/** Waits between attempts of our own: doubled each time up to the maximum, with jitter. */
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 15_000;
/** Without an event for so long the connection is made anew; in a quiet market that costs one small snapshot. */
const SILENT_MS = 45_000;

/**
 * Starts to follow, and returns the way to stop. A hidden page waits with a connection that is silent until somebody
 * looks at it, unless it is `needed` in the background, too.
 */
export function follow(url: string, events: StreamEvents, needed: () => boolean = () => false): () => void {
  const asked = new URLSearchParams(location.search).get("stream");
  return asked === "ws" ? followLater(url, events, needed) : followEvents(url, events, needed);
}

/** The address with what the present one says about the stream: a page that follows a WebSocket goes on doing so. */
export function keepingStream(address: string): string {
  const stream = new URLSearchParams(location.search).get("stream");
  return stream === null
    ? address
    : `${address}${address.includes("?") ? "&" : "?"}stream=${encodeURIComponent(stream)}`;
}

/** The browser loads what WebSockets need only then; where it cannot, the stream is the usual one. */
function followLater(...args: Parameters<typeof followEvents>): () => void {
  let stop: (() => void) | undefined;
  let stopped = false;
  import("./stream_socket.ts").then(({ followSocket }) => followSocket, () => followEvents).then((follow) => {
    if (!stopped) stop = follow(...args);
  });
  return () => {
    stopped = true;
    stop?.();
  };
}

function followEvents(url: string, events: StreamEvents, needed: () => boolean): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let lastSign = Date.now();
  let lastId = "";

  const lost = () => events.connection(navigator.onLine ? "reconnecting" : "offline");

  function on<T>(name: string, take: (data: T) => void): void {
    source!.addEventListener(name, (event) => {
      lastSign = Date.now();
      const { data, lastEventId } = event as MessageEvent<string>;
      lastId = lastEventId;
      take(JSON.parse(data));
    });
  }

  function open(): void {
    clearTimeout(timer);
    source?.close();
    lastSign = Date.now();
    // A new EventSource knows nothing of the one before it.
    source = new EventSource(lastId ? `${url}${url.includes("?") ? "&" : "?"}lastEventId=${lastId}` : url);
    source.onopen = () => {
      failures = 0;
      lastSign = Date.now();
      events.connection("live");
    };
    source.onerror = () => {
      lost();
      if (source?.readyState === EventSource.CLOSED) retry();
    };
    on<{ mode: Mode; opportunities: Opportunity[] }>(
      "snapshot",
      ({ mode, opportunities }) => events.snapshot(mode, opportunities),
    );
    on("opportunity", events.opportunity);
    on("closed", events.closed);
  }

  function retry(): void {
    const wait = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++);
    clearTimeout(timer);
    timer = setTimeout(open, wait * (0.5 + Math.random() / 2));
  }

  const watchdog = setInterval(() => {
    const watched = document.visibilityState === "visible" || needed();
    if (watched && Date.now() - lastSign > SILENT_MS) open();
  }, 5000);

  addEventListener("online", open);
  addEventListener("offline", lost);
  open();

  return () => {
    clearInterval(watchdog);
    clearTimeout(timer);
    removeEventListener("online", open);
    removeEventListener("offline", lost);
    source?.close();
  };
}
