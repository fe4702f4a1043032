import { SYMBOLS } from "./frames.ts";

self.onmessage = ({ data }: MessageEvent<{ url: string; count: SharedArrayBuffer }>) => {
  const count = new Float64Array(data.count);
  const socket = new WebSocket(data.url);
  const args = SYMBOLS.map((symbol) => `orderbook.1.${symbol.replace("-", "")}`);
  socket.onopen = () => socket.send(JSON.stringify({ op: "subscribe", args, req_id: "1" }));
  socket.onmessage = ({ data }) => {
    // The answer to the subscription is a frame too.
    if (JSON.parse(data) !== null) count[0]!++;
  };
};
