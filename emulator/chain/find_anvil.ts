/**
 * Where the binary of anvil is. It comes within a package of npm; the package that would choose the one of the platform
 * cannot be installed by Deno, so one is named.
 */
export type Binary = { path: string } | { why: string };

/** The binary, or why there is none. It is downloaded where it is not there yet. */
export async function findAnvil(): Promise<Binary> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") return { why: `npm has no anvil for ${os} on ${arch}` };
  try {
    return { path: (await import("./packages/anvil.ts")).binary };
  } catch (error) {
    return { why: `The package of anvil could not be had: ${(error as Error).message}` };
  }
}
