/** The connection under a request, where the server gives one: `c.env.connection`. */
export interface Connection {
  /**
   * Ends the connection at once and drops whatever was on its way, here and in the kernel. The only way to be rid of
   * a peer that has stopped reading: an orderly close waits for it.
   */
  reset(): void;
}
