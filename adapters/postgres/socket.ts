/**
 * The socket that the PostgreSQL client talks over. Made here and not by the client, because the client leaves Nagle's
 * algorithm on (a COPY then waits 44 ms for each acknowledgement), takes a server without TLS for one with it, and keeps
 * a socket that nobody answers on.
 */
import { once } from "node:events";
import net from "node:net";
import tls from "node:tls";
import { HistoryError } from "../../core/ports/history.ts";
import { type Address, nameOf } from "./address.ts";

/** https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest. */
const TLS_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const YES = "S".charCodeAt(0);

/** Connects, with TLS where the address asks for it. Rejects when `signal` aborts; the socket is gone then. */
export async function connectSocket(address: Address, signal: AbortSignal): Promise<net.Socket> {
  const socket = net.connect({ host: address.host, port: address.port });
  // Errors reach whoever waits; this one only keeps a late one from ending the program.
  socket.on("error", () => {});
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  try {
    await once(socket, "connect", { signal });
    socket.setNoDelay(true);
    if (address.tls === "disable") return socket;
    return await secure(socket, address, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function secure(socket: net.Socket, address: Address, signal: AbortSignal): Promise<net.Socket> {
  socket.write(TLS_REQUEST);
  const closed = new AbortController();
  socket.once("close", () => closed.abort(new Error("Connection was closed before it was encrypted")));
  const [answer] = await once(socket, "data", { signal: AbortSignal.any([signal, closed.signal]) }) as [
    Uint8Array,
  ];
  if (answer[0] !== YES) {
    if (address.tls === "prefer") return socket;
    throw new HistoryError(
      "refused",
      `PostgreSQL at ${
        nameOf(address)
      } does not speak TLS, and sslmode=${address.tls} asks for it: switch it on there`,
    );
  }
  // More than the one byte was not encrypted; someone in between may have put it there (CVE-2021-23222).
  if (answer.length > 1) throw new Error("Unencrypted data followed the answer to the request for TLS");
  const verifies = address.tls === "verify-ca" || address.tls === "verify-full";
  const encrypted = tls.connect({
    socket,
    ...(net.isIP(address.host) === 0 ? { servername: address.host } : { host: address.host }),
    rejectUnauthorized: verifies,
    ...(address.rootCertificates !== undefined && { ca: address.rootCertificates }),
    ...(address.tls === "verify-ca" && { checkServerIdentity: () => undefined }),
  });
  encrypted.on("error", () => {});
  signal.addEventListener("abort", () => encrypted.destroy(), { once: true });
  await once(encrypted, "secureConnect", { signal: AbortSignal.any([signal, closed.signal]) });
  return encrypted;
}
