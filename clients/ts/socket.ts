/** One WebSocket from its opening to its end, whatever the platform. */
import { StreamError } from "./errors.ts";
import { whyRefused } from "./refusal.ts";

export interface SocketOptions {
  /** Begins with http. */
  url: string;
  subprotocol: string;
  headers: Record<string, string>;
  /** It has to open within this time. */
  openWithinMs: number;
  /** Something has to come within this time, again and again. */
  silentAfterMs: number;
  /** Ends it. */
  signal: AbortSignal;
  opened(send: (data: string | Uint8Array<ArrayBuffer>) => void): void;
  /** Takes a frame. What it throws means that the frame makes no sense, and ends the connection. */
  message(data: unknown): void;
}

/** Resolves at its end, with why; never rejects. */
export async function runSocket(options: SocketOptions): Promise<StreamError> {
  const { socket, refused } = openSocket(options);
  if (!socket) return refused;
  socket.binaryType = "arraybuffer";
  let end!: (error: StreamError) => void;
  const promise = new Promise<StreamError>((resolve) => end = resolve);
  let open = false;
  let heardAt = Date.now();
  let stumble: unknown;
  // Some platforms stop timers of pages that nobody sees, and of devices that sleep: the time itself is looked at.
  const patienceMs = () => open ? options.silentAfterMs : options.openWithinMs;
  const watch = setInterval(() => {
    if (Date.now() - heardAt < patienceMs()) return;
    const what = open ? `Nothing came for ${patienceMs()} ms` : `It did not open within ${patienceMs()} ms`;
    end(new StreamError(open ? "silent" : "unreachable", `${options.url}: ${what}`));
  }, Math.min(options.silentAfterMs, options.openWithinMs) / 4);
  const abort = () => end(new StreamError("lost", "It was closed here"));
  options.signal.addEventListener("abort", abort);
  if (options.signal.aborted) abort();

  socket.onopen = () => {
    open = true;
    heardAt = Date.now();
    options.opened((data) => socket.readyState === WebSocket.OPEN && socket.send(data));
  };
  socket.onmessage = ({ data }) => {
    heardAt = Date.now();
    try {
      options.message(data);
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      end(new StreamError("malformed", `${options.url}: A frame cannot be read: ${said}`, { cause }));
    }
  };
  const lost = (text: string) => end(new StreamError("lost", `${options.url}: ${text}`, { cause: stumble }));
  socket.onerror = (event) => {
    stumble = (event as ErrorEvent).error ?? (event as ErrorEvent).message;
    // Node 20 says no more about a socket that did not open; others have a code and a reason to add.
    if (!open || socket.readyState === WebSocket.CLOSED) setTimeout(() => lost("The connection failed"));
  };
  socket.onclose = ({ code, reason }) => lost(`It ended with code ${code}${reason && `: ${reason}`}`);

  const ended = await promise;
  clearInterval(watch);
  options.signal.removeEventListener("abort", abort);
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.onerror = () => {};
  socket.close();
  if (open || ended.code !== "lost" || options.signal.aborted) return ended;
  return await whyRefused(options, stumble);
}

function openSocket(
  { url, subprotocol, headers }: SocketOptions,
): { socket: WebSocket; refused?: never } | { socket?: never; refused: StreamError } {
  if (typeof WebSocket === "undefined") {
    const advice = "Node has had one since 22, and 20 with --experimental-websocket";
    return { refused: new StreamError("unsupported", `This platform has no WebSocket: ${advice}`) };
  }
  // Deno and Node take an object in place of the list.
  const bare = Object.keys(headers).length === 0;
  const how = bare ? subprotocol : { protocols: [subprotocol], headers } as unknown as string[];
  try {
    return { socket: new WebSocket(url.replace(/^http/u, "ws"), how) };
  } catch (cause) {
    // A page with TLS may open none without; a program in Deno may lack the permission.
    const { name, message } = cause as Error;
    const said = !bare && name === "SyntaxError"
      ? "WebSockets of browsers send no token: leave it out on pages of the program, whose user has entered it"
      : `This platform does not open ${url}: ${message}`;
    return { refused: new StreamError("unsupported", said, { cause }) };
  }
}
