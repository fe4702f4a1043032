/**
 * Keeps records until it is killed, and prints those that were acknowledged: `kept KEY VERSION`. A checkpoint of the
 * running minute goes with them. Arguments: dataDir, address of the history, the run's number, seed.
 */
import { openArchive } from "../../adapters/archive/archive.ts";
import { systemClock } from "../../adapters/clock/system.ts";
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import { type LogRecord, recordedLog } from "../core/recorded_log.ts";
import { seeded } from "../random.ts";
import { settingsFor } from "./archives.ts";
import { bar, episode } from "./records.ts";

const [dataDir, url, run, seed] = Deno.args;
const random = seeded(Number(seed));
const logs: LogRecord[] = [];
const { archive } = await openArchive(settingsFor(dataDir!, url!), {
  clock: systemClock,
  log: recordedLog(logs),
  random,
});
const encoder = new TextEncoder();
Deno.stdout.writeSync(encoder.encode("started\n"));

for (let turn = 1;; turn++) {
  // Higher than any version of a run before.
  const version = Number(run) * 1_000_000 + turn;
  const minutes: Bar[] = Array.from(
    { length: 1 + Math.floor(random() * 300) },
    () => bar(`S${Math.floor(random() * 40)}-USDT`, Math.floor(random() * 50), version),
  );
  const episodes = random() < 0.5 ? [episode(`${run}-${turn}`)] : [];
  const timestamp = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
  archive.checkpoint([{ ...bar("OPEN-X", 0, version), timestamp }]);
  archive.keep({ minutes, episodes });
  while (archive.status().outbox.pending > 0) await systemClock.turn(1);
  const lines = [
    ...minutes.map(({ symbol, timestamp }) => `kept ${symbol}/${timestamp} ${version}\n`),
    ...episodes.map(({ id }) => `kept ${id} 1\n`),
  ];
  for (const { level, message, fields } of logs.splice(0)) {
    if (level !== "debug") console.error(level, message, fields);
  }
  // In one piece, which a pipe takes whole or not at all up to 4 KB; half a line is not counted.
  Deno.stdout.writeSync(encoder.encode(lines.join("")));
}
