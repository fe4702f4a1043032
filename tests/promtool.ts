/** Prometheus' own tool, Debian's package `prometheus`. */

/** Where it is missing, its tests are passed over. Under CI they are not: they fail. */
export async function promtoolIsMissing(): Promise<boolean> {
  try {
    await new Deno.Command("promtool", { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return false;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("promtool is not installed: its tests are ignored (package prometheus)");
    return Deno.env.get("CI") !== "true";
  }
}

/** Runs it; `input` is what it reads. `said` is all that it printed. */
export async function promtool(args: readonly string[], input = ""): Promise<{ code: number; said: string }> {
  const process = new Deno.Command("promtool", {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  if (input !== "") await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  return { code, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
