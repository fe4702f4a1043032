import assert from "node:assert/strict";
import { type LogRecord, recordingLog } from "./testing.ts";
import { Trouble } from "./trouble.ts";

Deno.test("trouble is told at once, then at most once a period with how often it came", () => {
  const records: LogRecord[] = [];
  const trouble = new Trouble(recordingLog(records), "Bad frames", 10_000);
  for (let now = 0; now < 25_000; now++) trouble.add(`Reason ${now}`, "x".repeat(1_000), now);
  trouble.tell(30_000);
  trouble.tell(60_000);
  assert.deepEqual(records.map(({ fields }) => [fields.count, fields.reason]), [
    [1, "Reason 0"],
    [10_000, "Reason 1"],
    [10_000, "Reason 10001"],
    [4_999, "Reason 20001"],
  ]);
  assert(records.every(({ fields }) => `${fields.excerpt}`.length === 200));
});
