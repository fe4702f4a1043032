/** What is said where the history does not answer. */
import type { Context } from "hono";
import { HistoryError } from "../core/ports/history.ts";
import type { Env } from "../ui/env.ts";
import { problem } from "../ui/problem.ts";

const RETRY_AFTER_S = "5";

/**
 * Runs `read` and answers 503 where the history fails it. `hint` is what can be had all the same. Whatever else is thrown
 * is a bug and goes on.
 */
export async function fromHistory(
  c: Context<Env>,
  read: () => Promise<Response>,
  hint?: string,
): Promise<Response> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    c.header("Retry-After", RETRY_AFTER_S);
    return problem(c, {
      status: 503,
      title: "History is not reachable",
      detail: hint === undefined ? error.message : `${error.message}; ${hint}`,
    });
  }
}
