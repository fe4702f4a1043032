/**
 * A port that nobody listens on, below those that systems give to connections (32768 and up on Linux), so that it is
 * still free when a server comes back to it: while that is gone, who tries to reach it may even get the port for himself,
 * and be connected with himself. The one 10,000 above it is free of connections, too, for the nodes of a Redis Cluster.
 */
export function freePort(): number {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 10_000);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch { /* Somebody has it. */ }
  }
}
