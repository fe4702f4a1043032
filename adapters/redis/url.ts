/**
 * Which Redis a URL means.
 *
 * - `redis://[user:password@]host[:port][/database]`, `rediss://…` with TLS
 * - `redis+cluster://[user:password@]host[:port],host[:port]…`, `rediss+cluster://…`: some nodes of a Redis Cluster
 * - `?ca=FILE`: certificates (PEM) to trust instead of the system's; `?skip_verify=true`: any certificate is taken
 *
 * Characters with a meaning in a URL (`@ : / ?`) stand percent-encoded in user and password. A list of hosts is no
 * URL of the WHATWG, so it is taken apart here.
 */
export interface RedisServer {
  /** The URL without its password. */
  shown: string;
  cluster: boolean;
  nodes: { host: string; port: number }[];
  tls: { caFile: string | undefined; verify: boolean } | undefined;
  username: string | undefined;
  password: string | undefined;
  database: number;
}

const SHAPE =
  /^(rediss?)(\+cluster)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^@/?#]+)(?:\/(\d*))?(?:\?([^#]*))?$/;
const HOST = /^(\[[\da-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;
const DEFAULT_PORT = 6379;

/** What the URL means, or what is wrong with it as a sentence. */
export function parseRedisUrl(url: string): RedisServer | string {
  const match = SHAPE.exec(url);
  if (match === null) {
    return "The URL of Redis is not of the form redis://user:password@host:port/database (user and password percent-encoded)";
  }
  const [, scheme, plus, user, secret, hosts, path, query] = match;
  const cluster = plus !== undefined;
  const nodes: RedisServer["nodes"] = [];
  for (const text of hosts!.split(",")) {
    const [, host, port] = HOST.exec(text) ?? [];
    const number = Number(port ?? DEFAULT_PORT);
    if (host === undefined || number < 1 || number > 65535) {
      return `"${text}" in the URL of Redis is not host:port`;
    }
    nodes.push({ host: host.replace(/^\[|\]$/g, ""), port: number });
  }
  if (nodes.length > 1 && !cluster) {
    return "Several hosts need a cluster: redis+cluster://host:port,host:port";
  }
  const database = Number(path ?? "");
  if (cluster && database !== 0) return "Redis Cluster has no database numbers: leave it out of the URL";
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (name !== "ca" && name !== "skip_verify") {
      return `The URL of Redis has no option "${name}": ca, skip_verify`;
    }
  }
  const secure = scheme === "rediss";
  if (!secure && options.size > 0) {
    return "ca and skip_verify are for TLS: the URL of Redis begins with rediss then";
  }
  const [username, password] = [decoded(user), decoded(secret)];
  if (username === null || password === null) {
    return "User or password in the URL of Redis is not percent-encoded";
  }
  return {
    shown: `${scheme}${plus ?? ""}://${user ? `${user}@` : ""}${hosts}${
      database === 0 ? "" : `/${database}`
    }`,
    cluster,
    nodes,
    tls: secure
      ? { caFile: options.get("ca") || undefined, verify: options.get("skip_verify") !== "true" }
      : undefined,
    username: username || undefined,
    password: password || undefined,
    database,
  };
}

function decoded(text: string | undefined): string | undefined | null {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return null;
  }
}
