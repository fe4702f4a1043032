/** Where a PostgreSQL is and how to log in, out of `postgres://user:password@host:port/database?…`. */
import { isIP } from "node:net";

/** How much TLS is asked for, in libpq's words (https://www.postgresql.org/docs/current/libpq-ssl.html). */
const TLS_MODES = ["disable", "prefer", "require", "verify-ca", "verify-full"] as const;
export type TlsMode = typeof TLS_MODES[number];

export interface Address {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  tls: TlsMode;
  /** Certificates that sign the server's, PEM; undefined: those that the system trusts. */
  rootCertificates: string | undefined;
  applicationName: string;
}

/**
 * What the address leaves out comes from `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGSSLMODE`,
 * `PGSSLROOTCERT`. Parameters of other clients (`channel_binding`, `pgbouncer`, …) are passed over. Throws an Error that says
 * what cannot be: it is a mistake in the settings.
 */
export function parseAddress(
  url: string,
  env: (name: string) => string | undefined = (name) => Deno.env.get(name),
  readFile: (path: string) => string = Deno.readTextFileSync,
): Address {
  const parsed = URL.parse(url);
  // The URL itself must not be told, it may hold a password.
  if (parsed === null) {
    throw new Error(
      "Address of PostgreSQL cannot be read: write postgres://user:password@host:port/database",
    );
  }
  const given = (text: string, name: string) => decoded(text) || env(name) || undefined;
  const parameter = (name: string, variable: string) =>
    parsed.searchParams.get(name) || env(variable) || undefined;
  const host = given(parsed.hostname.replace(/^\[(.*)\]$/, "$1"), "PGHOST") ?? "localhost";
  const user = given(parsed.username, "PGUSER") ?? "postgres";
  const rootFile = parameter("sslrootcert", "PGSSLROOTCERT");
  return {
    host,
    port: parsed.port !== "" ? Number(parsed.port) : portOf(env("PGPORT") || "5432"),
    user,
    password: given(parsed.password, "PGPASSWORD") ?? "",
    database: given(parsed.pathname.slice(1), "PGDATABASE") ?? user,
    tls: tlsMode(parameter("sslmode", "PGSSLMODE"), rootFile),
    rootCertificates: rootFile === undefined || rootFile === "system"
      ? undefined
      : rootCertificates(rootFile, readFile),
    applicationName: parsed.searchParams.get("application_name") ?? "marketflow",
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Error(
      "Address of PostgreSQL has a % that stands for no character: write %25 for the character %",
      { cause },
    );
  }
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`PGPORT is ${text}: write a port from 1 to 65535`);
}

function tlsMode(text: string | undefined, rootFile: string | undefined): TlsMode {
  if (text === undefined) return rootFile === "system" ? "verify-full" : "prefer";
  // libpq prefers no TLS with `allow`; with it is as well.
  const mode = text === "allow" ? "prefer" : text;
  if ((TLS_MODES as readonly string[]).includes(mode)) return mode as TlsMode;
  throw new Error(`PostgreSQL has no sslmode ${text}: write one of ${TLS_MODES.join(", ")}`);
}

function rootCertificates(file: string, readFile: (path: string) => string): string {
  try {
    return readFile(file);
  } catch (cause) {
    throw new Error(`Root certificates of PostgreSQL cannot be read from ${file} (sslrootcert)`, { cause });
  }
}

/** `host:port`, as errors name it. */
export function nameOf({ host, port }: Pick<Address, "host" | "port">): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
