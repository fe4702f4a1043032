/** `psql \copy`, the limit of what one connection to PostgreSQL takes: rows from a file, in the server's own client. */

const decoder = new TextDecoder();

/** Runs commands over one connection and returns what each of the timed ones took, in ms. Throws where one fails. */
export async function psqlMs(url: string, commands: readonly string[]): Promise<number[]> {
  const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", url, "--command=\\timing on"];
  const { success, stdout, stderr } = await new Deno.Command("psql", {
    args: [...args, ...commands.map((command) => `--command=${command}`)],
    env: { LC_ALL: "C" },
  }).output();
  if (!success) throw new Error(`psql failed: ${decoder.decode(stderr)}`);
  return [...decoder.decode(stdout).matchAll(/^Time: ([\d.]+) ms/gm)].map(([, ms]) => Number(ms));
}

export async function psqlIsThere(): Promise<boolean> {
  try {
    return (await new Deno.Command("psql", { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}
