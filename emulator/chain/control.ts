/** What the control endpoint answers about the chain: `GET /chain` and `POST /chain/<fault>`. */
import { type Reply, wrongMethod } from "../reply.ts";
import { CHAIN_FAULTS } from "./faults.ts";
import type { EmulatedChain } from "./host.ts";

export async function chainReply(
  chain: EmulatedChain,
  method: string,
  fault: string | undefined,
  query: URLSearchParams,
): Promise<Reply> {
  if (fault === undefined) {
    return method === "GET" ? { status: 200, body: chain.state() } : wrongMethod("GET");
  }
  const one = CHAIN_FAULTS[fault];
  if (one === undefined) {
    return { status: 404, body: { error: `No fault ${fault}`, known: takesOf(CHAIN_FAULTS) } };
  }
  if (method !== "POST") return wrongMethod("POST");
  const outcome = await one.run({ chain, query });
  if ("problem" in outcome) return { status: 400, body: { error: outcome.problem, takes: one.takes } };
  return { status: 200, body: { fault, ...outcome } };
}

/** What faults take, by name. */
export function takesOf(faults: Readonly<Record<string, { takes: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(faults).map(([name, { takes }]) => [name, takes]));
}
