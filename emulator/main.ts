/** `deno task exchanges`: emulated exchanges on loopback, see `--help`. */
import { CHAIN_ID, type EmulatedChain } from "./chain/host.ts";
import { PortTaken } from "./endpoint.ts";
import { SOURCES, startExchanges, VENUES } from "./exchanges.ts";
import type { Exchanges } from "./exchanges.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { readRecordings } from "./recording_files.ts";

/** Runs until a signal; returns the exit code. */
async function main(): Promise<number> {
  const parsed = parseOptions(Deno.args);
  if ("problems" in parsed) return fail(parsed.problems, 2);
  const { options } = parsed;
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const read = await readRecordings(options.replay);
  if ("problems" in read) return fail(read.problems, 2);
  let exchanges: Exchanges;
  try {
    exchanges = await startExchanges(options, read.recordings, (line) => console.error(line));
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error;
    return fail([error.message], 1);
  }
  console.log(
    options.json ? JSON.stringify({ ready: true, ports: exchanges.ports }) : greeting(exchanges, options),
  );
  const { chain } = exchanges;
  if (chain !== undefined) {
    void exchanges.chainStarted.then(() => {
      if (chain.phase === "stopped") return;
      console.log(options.json ? JSON.stringify({ chain: chain.state() }) : chainLine(chain));
    });
  }
  await signalled();
  await exchanges.stop();
  return 0;
}

function greeting({ ports }: Exchanges, options: Options): string {
  const lines = VENUES.map((id) => {
    const file = options.replay[id];
    return `${id.padEnd(10)} http://127.0.0.1:${ports[id]}${file === undefined ? "" : `  replays ${file}`}`;
  });
  const sources = SOURCES.map((id) => `${id.padEnd(10)} tcp://127.0.0.1:${ports[id]}`);
  return [`Emulated exchanges, seed ${options.seed}`, ...lines, ...sources]
    .concat(`control    http://127.0.0.1:${ports.control}`).join("\n");
}

function chainLine(chain: EmulatedChain): string {
  const where = chain.why === undefined
    ? `http://127.0.0.1:${chain.port}  and ws, chain ${CHAIN_ID}`
    : `none: ${chain.why}`;
  return `${"chain".padEnd(10)} ${where}`;
}

function fail(problems: readonly string[], code: number): number {
  for (const problem of problems) console.error(problem);
  return code;
}

/** `deno task` passes on a signal that its child has got already: within this time it is the same one. */
const SAME_SIGNAL_MS = 500;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        if (askedAt !== undefined && performance.now() - askedAt >= SAME_SIGNAL_MS) Deno.exit(130);
        askedAt ??= performance.now();
        resolve();
      });
    }
  });
}

Deno.exit(await main());
