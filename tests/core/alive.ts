/**
 * A test body that keeps the event loop of Deno alive while it runs: a wait on shared memory alone does not, and the
 * runner would take the test for one that never ends. The program has a server and signals for that.
 */
export function alive(body: () => Promise<void>): () => Promise<void> {
  return async () => {
    const timer = setInterval(() => {}, 1000);
    try {
      await body();
    } finally {
      clearInterval(timer);
    }
  };
}
