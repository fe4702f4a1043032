/**
 * Waits for `condition`, looking every few milliseconds. The timeout is generous and only there to fail instead of
 * hanging: nothing is said about how long it takes.
 */
export async function until(what: string, condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`Did not happen within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
