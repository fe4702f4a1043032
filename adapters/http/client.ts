/** Who asks: the peer of the connection, or whom a trusted proxy speaks for. */
import type { Client } from "../../core/ports/connection.ts";
import { groupOf, isLoopback, type Networks, plainAddress } from "./networks.ts";

/** As many proxies in a row are looked at; nobody has more. */
const MAX_HOPS = 16;

/** What proxies add beside `x-forwarded-…`. Where one stands there, the peer is not the client. */
const FORWARDING = new Set([
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "true-client-ip",
  "cf-connecting-ip",
  "fastly-client-ip",
]);

/**
 * `peer` is the address of the socket, undefined where that is gone. Of `X-Forwarded-For` only what trusted proxies have
 * added is believed: the rightmost address that is not one of theirs is the client's. Rubbish there makes the client
 * unknown: it counts with the proxy that passed it on, and is not local.
 */
export function clientOf(peer: string | undefined, headers: Headers, trusted: Networks): Client {
  const address = plainAddress(peer ?? "");
  // Gone before anybody looked: nothing can be said, and nobody gets the answer.
  if (address === undefined) return { address: "unknown", group: "unknown", local: false, secure: false };
  const forwarded = isForwarded(headers);
  const isTrusted = trusted.has(address);
  const hops = isTrusted ? headers.get("x-forwarded-for") : null;
  const client = hops === null
    ? { address, local: !forwarded && isLoopback(address) }
    : furthest(address, hops, trusted);
  const secure = isTrusted && lastOf(headers.get("x-forwarded-proto"))?.toLowerCase() === "https";
  return { ...client, group: groupOf(client.address), secure };
}

/**
 * Loopback in the words of a proxy is the machine of that proxy. It is ours only where every proxy up to there is on it: a
 * client with an address in a block that is trusted could else write it there himself.
 */
function furthest(proxy: string, hops: string, trusted: Networks): { address: string; local: boolean } {
  let address = proxy;
  let local = isLoopback(proxy);
  for (const hop of hops.split(",").slice(-MAX_HOPS).reverse()) {
    const next = addressOf(hop.trim());
    if (next === undefined) return { address, local: false };
    address = next;
    local &&= isLoopback(address);
    if (!trusted.has(address)) break;
  }
  return { address, local };
}

/** Some proxies write the port beside the address: `192.0.2.1:5000`, `[2001:db8::1]:5000`. */
function addressOf(hop: string): string | undefined {
  const inner = /^\[([^\]]*)\](?::\d+)?$/u.exec(hop)?.[1] ?? /^([\d.]+):\d+$/u.exec(hop)?.[1];
  return plainAddress(inner ?? hop);
}

function isForwarded(headers: Headers): boolean {
  for (const name of headers.keys()) {
    if (FORWARDING.has(name) || name.startsWith("x-forwarded")) return true;
  }
  return false;
}

function lastOf(list: string | null): string | undefined {
  return list?.split(",").at(-1)?.trim();
}
