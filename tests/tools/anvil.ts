/** A chain of a test's own. */
import { Anvil } from "../../emulator/chain/anvil.ts";
import { findAnvil } from "../../emulator/chain/find_anvil.ts";
import { freePort } from "../../emulator/free_port.ts";

/** The path of the binary, or why there is none. */
const found = await findAnvil();
if ("why" in found && Deno.env.get("CI") === "true") throw new Error(`anvil is needed: ${found.why}`);

/** `Deno.test` that is ignored where there is no anvil. */
export function anvilTest(name: string, run: () => void | Promise<void>): void {
  const why = "why" in found ? ` (skipped: ${found.why})` : "";
  Deno.test({ name: name + why, ignore: "why" in found, fn: run });
}

/** Starts one with an empty chain. It mines a block for each transaction unless `args` say otherwise. */
export async function startAnvil(args: readonly string[] = []): Promise<Anvil> {
  if ("why" in found) throw new Error(`There is no anvil: ${found.why}`);
  const anvil = new Anvil(found.path, freePort(), args);
  await anvil.start();
  return anvil;
}
