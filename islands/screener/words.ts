/** Identifiers of the program in the words of the page. */
import type { VenueStatus } from "../../core/app/market.ts";
import type { CloseReason } from "../../core/domain/opportunity.ts";

const VENUES: Record<string, string> = {
  bybit: "Bybit",
  okx: "OKX",
  gateio: "Gate.io",
  kraken: "Kraken",
  ndjson: "NDJSON",
  pancakeswap: "PancakeSwap",
};

/** Pools: protocol, version, and where it is not the first, the chain: `uniswap-v3-base`. */
const POOLS = /^([a-z]+swap)-(v\d)(?:-([a-z]+))?$/u;

/** A venue's own spelling of its name; an id that is not known stands for itself. */
export function venueName(id: string): string {
  const [, protocol, version, chain] = POOLS.exec(id) ?? [];
  if (protocol === undefined) return VENUES[id] ?? id;
  return `${VENUES[protocol] ?? capital(protocol)} ${version}${
    chain === undefined ? "" : ` ${capital(chain)}`
  }`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const REASONS: Record<CloseReason | "below_filter", string> = {
  below_threshold: "Edge is gone",
  leg_stale: "A quote went stale",
  leg_withdrawn: "A quote was withdrawn",
  size_unknown: "A size is unknown",
  gas_unknown: "Gas has no price",
  worker_down: "A venue went down",
  mode_switch: "Mode was switched",
  shutdown: "Program stopped",
  below_filter: "Below your filter",
};

/** Why a row leaves. A reason that this page does not know yet is shown as it came. */
export function reasonWords(reason: string): string {
  return (REASONS as Record<string, string | undefined>)[reason] ?? reason.replaceAll("_", " ");
}

type Tone = "good" | "wait" | "bad";

const STATES: Record<VenueStatus["state"], [words: string, tone: Tone]> = {
  starting: ["Starting", "wait"],
  connecting: ["Connecting", "wait"],
  connected: ["Connected", "good"],
  silent: ["Silent", "bad"],
  disconnected: ["Disconnected", "bad"],
  restarting: ["Restarting", "bad"],
};

export function venueState(state: VenueStatus["state"]): { words: string; tone: Tone } {
  const [words, tone] = STATES[state] ?? [state, "wait"];
  return { words, tone };
}

/** `1 spread`, `2 spreads`. */
export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString("en-US")} ${noun}${amount === 1 ? "" : "s"}`;
}
