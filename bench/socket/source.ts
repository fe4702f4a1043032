/**
 * A process that speaks as much Bybit as a subscription needs, then sends frames as fast as they are taken. What it
 * sends was made before, many frames go out in one write, and a write waits until the receiver made room: so it is
 * the receiver that is measured.
 */
import { acceptHandshake, FrameReader, isUpgrade, textFrame } from "../../emulator/websocket.ts";
import { readHead, writeAnswer } from "../../emulator/http.ts";
import { tell } from "../harness/child.ts";
import { frameBytes, SYMBOLS } from "./frames.ts";

const WRITE_BYTES = 64 * 1024;
const frames = frameBytes();
/** `GET /pause` ends the flood after its last frame; the next receiver starts it anew. */
let paused = false;

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
tell({ port: listener.addr.port });
// A receiver that has seen enough goes away in the middle of a write.
for await (const conn of listener) serve(conn).catch(() => {}).finally(() => close(conn));

async function serve(conn: Deno.TcpConn): Promise<void> {
  const head = await readHead(conn);
  if (head === undefined) return;
  if (!isUpgrade(head)) {
    if (head.url.pathname === "/pause") paused = true;
    return await writeAnswer(conn, { status: 200, body: instruments() });
  }
  paused = false;
  await write(conn, acceptHandshake(head)!);
  await subscribed(conn, head.rest);
  while (!paused) await write(conn, frames);
  while (await conn.read(new Uint8Array(1024)) !== null);
}

/** Waits for the one request that names all symbols and accepts it. */
async function subscribed(conn: Deno.TcpConn, rest: Uint8Array): Promise<void> {
  const reader = new FrameReader();
  const chunk = new Uint8Array(WRITE_BYTES);
  for (let bytes = rest;;) {
    for (const message of reader.read(bytes)) {
      if (message.kind !== "text") continue;
      const { op, req_id } = JSON.parse(message.text);
      const answer = { success: true, ret_msg: op, conn_id: "d967ikkn0ine3iqmjc30", req_id, op };
      await write(conn, textFrame(JSON.stringify(answer)).slice());
      if (op === "subscribe") return;
    }
    const count = await conn.read(chunk);
    if (count === null) throw new Error("The receiver left before it subscribed");
    bytes = chunk.subarray(0, count);
  }
}

async function write(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at, at + WRITE_BYTES));
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // The receiver has closed it.
  }
}

function instruments(): string {
  const list = SYMBOLS.map((symbol) => {
    const [baseCoin, quoteCoin] = symbol.split("-");
    return { symbol: symbol.replace("-", ""), baseCoin, quoteCoin, status: "Trading" };
  });
  return JSON.stringify({ retCode: 0, retMsg: "OK", result: { category: "spot", list } });
}
