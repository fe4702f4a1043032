/** What is wrong with the outbox, and what can be done about it. */

/**
 * `full`: it can still be read. `inUse`: another process has it. `corrupt`: the file is no outbox any more. `broken`:
 * anything else, such as a folder that may not be written.
 */
export type OutboxTrouble = "full" | "inUse" | "corrupt" | "broken";

export class OutboxError extends Error {
  override name = "OutboxError";
  readonly trouble: OutboxTrouble;

  constructor(trouble: OutboxTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}

/** Found by the words of SQLite, because `exec` of node:sqlite gives no code (sqlite.org/rescode.html). */
const KNOWN: readonly [RegExp, OutboxTrouble, (file: string) => string][] = [
  [/is locked/, "inUse", (file) => `${file} is in use by another process: give each its own dataDir`],
  [/is full|no space/i, "full", (file) => `${file} cannot be written because the disk is full: free space`],
  [/not a database|is malformed/, "corrupt", (file) => `${file} is corrupt`],
  [
    /read-?only/i,
    "broken",
    (file) => `${file} cannot be written because its folder or disk is read-only: make it writable`,
  ],
  [
    /unable to open|permission|not a directory|file exists|requires \w+ access/i,
    "broken",
    (file) => `${file} cannot be opened: make its folder one that this program may write`,
  ],
];

export function outboxError(file: string, error: unknown): OutboxError {
  if (error instanceof OutboxError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  for (const [words, trouble, says] of KNOWN) {
    if (words.test(reason)) {
      return new OutboxError(trouble, `Outbox ${says(file)} (${reason})`, { cause: error });
    }
  }
  return new OutboxError("broken", `Outbox ${file} does not work: ${reason}`, { cause: error });
}
