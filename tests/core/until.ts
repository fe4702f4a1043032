/**
 * Waits for `condition`, looking again and again. The timeout is generous and only there to fail instead of
 * hanging: nothing is said about how long it takes.
 */
export async function until(what: string, condition: () => boolean, timeoutMs = 60_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let looks = 0; !condition(); looks++) {
    if (performance.now() > end) throw new Error(`Did not happen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, looks < 20 ? 0 : 5));
  }
}
