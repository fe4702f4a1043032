/** What the reader and its worker say to each other: one question, one answer, then the next. */
import type { HistoryError } from "../../core/ports/history.ts";
import type { Answer } from "../sqlite/reading.ts";
import type { Question } from "./steps.ts";

export type ToReader =
  /** First of all. */
  | { kind: "open"; file: string }
  | { kind: "ask"; question: Question }
  | { kind: "close" };

export type FromReader =
  | { kind: "answer"; answer: Answer }
  /** A `HistoryError`, whose class would not survive the way. */
  | { kind: "failed"; error: { kind: HistoryError["kind"]; message: string } }
  /** The last message. `error` is undefined where the worker was asked to close. */
  | { kind: "ended"; error: string | undefined };
