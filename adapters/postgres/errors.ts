/** What PostgreSQL, its client or the network say, as `HistoryError` in plain words. */
import { HistoryError } from "../../core/ports/history.ts";
import { type Address, nameOf } from "./address.ts";

/**
 * By SQLSTATE or its class (https://www.postgresql.org/docs/current/errcodes-appendix.html): what it means and what to do.
 * `unreachable` is what can pass without anyone doing something: a restart, a lock, too many connections.
 */
const BY_STATE: Record<string, [kind: HistoryError["kind"], what: string]> = {
  "08": ["unreachable", "ended the connection"],
  "25006": ["refused", "is read-only: name the primary server, or a user that may write"],
  "28": ["refused", "does not let this user in: correct user and password in history.url"],
  "3D000": ["refused", "does not have this database: create it, or correct history.url"],
  "40": ["unreachable", "gave way to another transaction"],
  "42501": ["refused", "does not give this user the right: grant it, or name another user in history.url"],
  "42P01": ["unreachable", "is not ready: it has no tables yet"],
  "53100": ["refused", "has a full disk: make room there"],
  "53": ["unreachable", "is out of resources"],
  "55P03": ["unreachable", "did not get a lock in time"],
  "57014": ["unreachable", "took too long"],
  "57P": ["unreachable", "is starting or stopping"],
  "58": ["unreachable", "has trouble with its disk"],
};

/** Codes of the network and of the client's own. */
const NETWORK =
  /^(?:E(?:CONN|HOST|NET|TIMEDOUT|PIPE|ADDR|AI_)|ENOTFOUND|CONNECTION_|CONNECT_|ERR_STREAM|ABORT_ERR)/;
const CERTIFICATE = /certificate|altnames|self.signed|CERT_|UNABLE_TO/i;

export function asHistoryError(error: unknown, address: Address): HistoryError {
  if (error instanceof HistoryError) return error;
  const { code, message, severity } = error as Error & { code?: string; severity?: string };
  const because = (kind: HistoryError["kind"], what: string) =>
    new HistoryError(kind, `PostgreSQL at ${nameOf(address)} ${what}`, { cause: error });
  if (severity !== undefined && code !== undefined) {
    const known = BY_STATE[code] ?? BY_STATE[code.slice(0, 3)] ?? BY_STATE[code.slice(0, 2)];
    return known === undefined
      ? because("refused", `refused: ${message} (${code})`)
      : because(known[0], `${known[1]} (${message})`);
  }
  if (CERTIFICATE.test(`${code} ${message}`)) {
    return because(
      "refused",
      `has a certificate that is not trusted (${message}): name its root in sslrootcert, or use sslmode=require`,
    );
  }
  if (code === "ECONNREFUSED") {
    return because("unreachable", "does not accept connections: is it running there?");
  }
  if (code === "ENOTFOUND") {
    return because("unreachable", "has a name that is not known: correct history.url");
  }
  if (code === "SASL_SIGNATURE_MISMATCH") {
    return because("refused", "could not prove that it knows the password");
  }
  if (NETWORK.test(code ?? "")) return because("unreachable", `is gone (${message})`);
  // A mistake in what was handed over, or in this program; neither passes by itself.
  const mistake = error instanceof RangeError || error instanceof TypeError;
  return because(mistake ? "refused" : "unreachable", `failed: ${message}`);
}
