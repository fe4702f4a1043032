/** A server that says what the test wants to be said, and not what a program would say. */
import { until } from "../api/program.ts";

/** How the JSON stream of opportunities begins. */
export const GOOD = [
  '{"subscribed":{"symbol":null,"exchange":null,"minNetBps":null}}',
  '{"sequence":7,"opportunitySnapshot":{"mode":"test","opportunities":[]}}',
];

export interface FakeServer extends AsyncDisposable {
  url: string;
  /** Addresses of the sockets that were opened. */
  readonly opened: URL[];
  /** What clients have sent. */
  readonly received: string[];
}

interface Script {
  /** What comes in place of a WebSocket. */
  answer?(): Response;
  /** Answers a message of a client. */
  message?(socket: WebSocket, text: string, connection: number): void;
}

/** Takes every WebSocket and plays frames into it; connections are counted from 1. */
export function serve(
  frames: (connection: number) => (string | Uint8Array<ArrayBuffer>)[],
  { answer, message }: Script = {},
): FakeServer {
  const opened: URL[] = [];
  const received: string[] = [];
  const sockets = new Set<WebSocket>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (answer) return answer();
    if (!request.headers.has("upgrade")) return new Response(null, { status: 426 });
    const protocol = request.headers.get("sec-websocket-protocol")!;
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol });
    sockets.add(socket);
    const connection = opened.push(new URL(request.url));
    socket.onopen = () => {
      for (const frame of frames(connection)) socket.send(frame);
    };
    socket.onmessage = ({ data }) => {
      received.push(data);
      message?.(socket, data, connection);
    };
    socket.onclose = () => sockets.delete(socket);
    return response;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    opened,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      await until("all sockets are closed", () => sockets.size === 0);
      await server.shutdown();
    },
  };
}
