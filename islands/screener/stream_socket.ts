/** Follows opportunities over a WebSocket, with the client that other programs use, too; for an address with `?stream=ws`. */
import { followOpportunities, type OpportunityStream, StreamError } from "../../clients/ts/mod.ts";
import type { ClosedOpportunity } from "../../core/domain/opportunity.ts";
import type { StreamEvents } from "./stream.ts";

/** Where the program refuses, as while its settings are changed, it is asked again after this. */
const REFUSED_MS = 15_000;

/** The same as `follow`; of `url` the filter counts. */
export function followSocket(url: string, events: StreamEvents): () => void {
  const symbol = new URL(url, location.href).searchParams.get("symbol") ?? undefined;
  let stream: OpportunityStream;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  const lost = () => events.connection(navigator.onLine ? "reconnecting" : "offline");
  const reconnect = () => stream.reconnect();

  async function run(): Promise<void> {
    stream = followOpportunities(location.origin, { symbol });
    try {
      for await (const event of stream) {
        if (event.type === "snapshot") events.snapshot(event.mode, event.opportunities);
        else if (event.type === "update") events.opportunity(event.opportunity);
        else if (event.type === "close") events.closed(event.opportunity as ClosedOpportunity);
        else if (event.type === "connection" && event.state === "live") events.connection("live");
        else if (event.type === "connection" && event.state === "reconnecting") lost();
      }
    } catch (error) {
      if (!(error instanceof StreamError)) reportError(error);
      if (stopped) return;
      lost();
      timer = setTimeout(run, REFUSED_MS);
    }
  }

  addEventListener("online", reconnect);
  addEventListener("offline", lost);
  run();

  return () => {
    stopped = true;
    clearTimeout(timer);
    removeEventListener("online", reconnect);
    removeEventListener("offline", lost);
    stream.close();
  };
}
