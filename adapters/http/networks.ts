/** IP addresses as text, and sets of them. */
import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";

/** Addresses and CIDR blocks, for example `10.0.0.0/8` and `fd00::/8`. */
export class Networks {
  readonly #list = new BlockList();

  /** Throws on an entry that has a problem. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const problem = networkProblem(entry);
      if (problem !== undefined) throw new Error(problem);
      const [address = "", bits] = entry.split("/");
      const family = isIPv4(address) ? "ipv4" : "ipv6";
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  /** `address` as `plainAddress` gives it. */
  has(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
  }
}

/** What is wrong with an entry as a sentence; undefined where nothing is. */
export function networkProblem(entry: string): string | undefined {
  const [address = "", bits, ...more] = entry.split("/");
  const most = isIPv4(address) ? 32 : isIPv6(address) && !address.includes("%") ? 128 : undefined;
  const whole = bits === undefined || (/^\d{1,3}$/u.test(bits) && Number(bits) <= (most ?? 0));
  if (most !== undefined && whole && more.length === 0) {
    return Number(bits) === 0 ? "Is every address there is; name those that are meant" : undefined;
  }
  return "Is no IP address and no block of them, for example 10.0.0.0/8";
}

/**
 * An address as it is compared and counted: IPv4 inside of IPv6 (`::ffff:10.0.0.1`, as a socket on `::` has it) is IPv4,
 * and a zone is left out. Undefined where it is no IP address.
 */
export function plainAddress(text: string): string | undefined {
  const address = text.replace(/%.*$/u, "").toLowerCase();
  const inner = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/u.exec(address)?.[1];
  if (inner !== undefined) return isIPv4(inner) ? inner : undefined;
  return isIP(address) === 0 ? undefined : address;
}

const LOOPBACK = new Networks(["127.0.0.0/8", "::1"]);

export function isLoopback(address: string): boolean {
  return LOOPBACK.has(address);
}

/** What counts as one client: an IPv4 address, or a /64 of IPv6, of which one client has as many as it likes. */
export function groupOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    // An IPv4 address at the end takes two groups, and lies behind the /64 anyway.
    const length = groups.length + after.length + (tail.includes(".") ? 1 : 0);
    groups.push(...Array<string>(Math.max(0, 8 - length)).fill("0"), ...after);
  }
  return `${groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":")}::/64`;
}
