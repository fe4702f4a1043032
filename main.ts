/** The command line and the wiring, nothing else. */
import "./adapters/permissions/first.ts";
import { fileURLToPath } from "node:url";
import { openArchive } from "./adapters/archive/archive.ts";
import { openCache } from "./adapters/cache/open.ts";
import { type Arguments, HELP, readArguments } from "./adapters/config/args.ts";
import { loadSettings } from "./adapters/config/config.ts";
import type { Settings } from "./adapters/config/schema.ts";
import { systemClock } from "./adapters/clock/system.ts";
import { openReading } from "./adapters/history/open.ts";
import { checkHealth } from "./adapters/http/check_health.ts";
import { serveHttp } from "./adapters/http/serve.ts";
import { sse } from "./adapters/http/sse.ts";
import { openLog } from "./adapters/log/log.ts";
import { EventLoopMeter } from "./adapters/metrics/event_loop.ts";
import { openMetrics } from "./adapters/metrics/metrics.ts";
import { json } from "./adapters/protocols/json.ts";
import { protobuf } from "./adapters/protocols/protobuf.ts";
import { missingOf, told } from "./adapters/permissions/missing.ts";
import { flagsOf, neededPermissions, type Permission } from "./adapters/permissions/needed.ts";
import { webWorkers } from "./adapters/venues/_base/host.ts";
import { plansOf } from "./adapters/venues/plans.ts";
import { MarketFlow } from "./core/app/marketflow.ts";
import { QuoteHub } from "./core/app/quote_stream.ts";
import { StreamHub } from "./core/app/stream.ts";
import { parsePeriod } from "./core/domain/period.ts";
import type { Log } from "./core/ports/log.ts";
import project from "./deno.json" with { type: "json" };
import { createApp } from "./ui/app.ts";
import { manifest } from "./ui/manifest.gen.ts";

/** `--check-health` found the program down, or not at all. */
const EXIT_UNHEALTHY = 1;
/** Configuration or arguments are not valid (as with other command line programs). */
const EXIT_USAGE = 2;
/** A worker cannot be ended, so this process has to (EX_SOFTWARE of sysexits.h). */
const EXIT_UNSTOPPABLE = 70;
const DEFAULT_FILE = "config.yaml";
/** Stopping takes at most this long; then the process exits with what is left undone. */
const STOP_WITHIN_MS = 4_500;
/** Of that, workers have this much to end, and the archive to deliver what it kept; what it cannot waits on disk. */
const WORKERS_STOP_WITHIN_MS = 1_500;
const ARCHIVE_STOP_WITHIN_MS = 2_000;
/** `deno task` passes on a signal that its child has got already: within this time it is the same one. */
const SAME_SIGNAL_MS = 500;

if (import.meta.main) {
  const args = readArguments(Deno.args);
  const { settings, needed } = settingsOf(args);
  if (args.permissions) leave(`${flagsOf(needed).join(" ")}\n`);
  if (args.checkHealth) await tellHealth(settings);
  const missing = missingOf(needed);
  const vital = missing.filter((one) => one.vital);
  if (vital.length > 0) giveUp(vital.map(told));
  const log = await openLog(settings.logLevel, Deno.stdout.isTerminal());
  for (const one of missing) log.warning("Permission is missing", { problem: told(one) });
  await run(settings, log);
}

interface Given {
  settings: Settings;
  needed: Permission[];
}

/** The settings of this run and what it must be allowed. Ends the process where there is nothing to run. */
function settingsOf({ help, version, config, flags, problems }: Arguments): Given {
  if (problems.length === 0 && help) leave(HELP);
  if (problems.length === 0 && version) leave(`marketflow ${project.version}\n`);
  const env = (name: string) => Deno.env.get(name);
  const file = readFile(config ?? env("MARKETFLOW_CONFIG"), problems);
  const files = [file?.name ?? DEFAULT_FILE];
  const readText = (path: string) => {
    files.push(path);
    return Deno.readTextFileSync(path);
  };
  const loaded = loadSettings({ file, env, readText, flags });
  if ("problems" in loaded) problems.push(...loaded.problems);
  else if (problems.length === 0) {
    const project = Deno.build.standalone ? undefined : fileURLToPath(new URL(".", Deno.mainModule));
    return {
      settings: loaded.settings,
      needed: neededPermissions(loaded.settings, { project, settings: files }),
    };
  }
  return giveUp(problems);
}

/** Undefined where there is none, or where it cannot be read; that is then one of the `problems`. */
function readFile(
  name: string | undefined,
  problems: string[],
): { name: string; text: string } | undefined {
  try {
    return { name: name ?? DEFAULT_FILE, text: Deno.readTextFileSync(name ?? DEFAULT_FILE) };
  } catch (error) {
    if (name === undefined && error instanceof Deno.errors.NotFound) return undefined;
    problems.push(`${name ?? DEFAULT_FILE}: Cannot be read: ${(error as Error).message}`);
  }
}

function giveUp(problems: readonly string[]): never {
  console.error(problems.join("\n"));
  console.error(
    "\nNothing was started. Every setting is explained in config.yaml; --help shows the options.",
  );
  Deno.exit(EXIT_USAGE);
}

function leave(text: string): never {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  Deno.exit(0);
}

/** Of the program that runs with these settings, in a line and an exit code. */
async function tellHealth({ server }: Settings): Promise<never> {
  if (server.port === 0) giveUp(["server.port: 0 takes any free port; use the one that the program took"]);
  const { healthy, said } = await checkHealth(server);
  console.log(said);
  Deno.exit(healthy ? 0 : EXIT_UNHEALTHY);
}

async function run(settings: Settings, log: Log): Promise<void> {
  const { server, screener, supervisor, channel, dataDir, history } = settings;
  const ports = { clock: systemClock, log, random: Math.random };
  const retention = {
    minutes: parsePeriod(history.retention.minutes)!,
    quotes: parsePeriod(history.retention.quotes)!,
    episodes: parsePeriod(history.retention.episodes)!,
  };
  const { archive, recovered } = await openArchive(
    { dataDir, history: { url: history.url, retention, maxRecords: history.outbox.maxRecords } },
    { ...ports, onRecovered: (minutes) => market.recover(minutes) },
  );
  const reading = openReading(history.url, { dataDir, log });
  const cache = openCache({ url: settings.cache.url, ttlMs: settings.cache.ttlSeconds * 1000 }, ports);
  const market: MarketFlow = new MarketFlow({
    version: project.version,
    mode: settings.mode,
    symbols: settings.symbols,
    venues: plansOf(settings),
    screener,
    supervisor: { ...supervisor, channelCapacity: channel.capacity },
    history: { quotes: history.quotes, retention },
  }, {
    ...ports,
    host: webWorkers,
    archive,
    history: reading,
    cache,
    unstoppable: (venue) => {
      log.error("A worker cannot be ended; this process ends with it", { venue, exitCode: EXIT_UNSTOPPABLE });
      setTimeout(() => Deno.exit(EXIT_UNSTOPPABLE), STOP_WITHIN_MS);
      stop().finally(() => Deno.exit(EXIT_UNSTOPPABLE));
    },
    memory: () => {
      const { rss, heapUsed } = Deno.memoryUsage();
      return { rssBytes: rss, heapUsedBytes: heapUsed };
    },
  });
  const streams = new StreamHub({ market, clock: systemClock, limits: server.stream });
  const quoteStreams = new QuoteHub({
    market,
    clock: systemClock,
    everyMs: server.stream.quotesEveryMs,
    places: streams.places,
  });
  const metrics = openMetrics({ market, streams, eventLoop: new EventLoopMeter() });
  const spoken = { sse, protocols: [protobuf, json] };
  const app = createApp(
    { market, streams, quoteStreams, ...spoken, metrics, version: project.version, screener },
    manifest,
    {
      reportError: (error, c) => log.error("Request failed", { path: c.req.path, error: describe(error) }),
      access: server,
      log,
    },
  );
  const http = await serveHttp({ ...server, fetch: app.fetch, log });
  if ("refused" in http) {
    log.error(http.refused);
    return Deno.exit(1);
  }
  /** What is to be kept is handed over before anything else is waited for. */
  const stop = async () => {
    await market.stop(WORKERS_STOP_WITHIN_MS);
    streams.close();
    quoteStreams.close();
    await Promise.all([archive.stop(ARCHIVE_STOP_WITHIN_MS), cache.close(), http.close(1000)]);
    await reading.close();
  };
  market.recover(recovered);
  market.start();
  const host = http.host.includes(":") ? `[${http.host}]` : http.host;
  log.info("MarketFlow is ready", { url: `http://${host}:${http.port}`, mode: settings.mode });

  onStopSignal(async (signal) => {
    log.info("Stopping", { signal });
    await stop();
    log.info("Stopped");
  });
}

/** Runs `stop` at the first signal and exits; a second signal, or too long a stop, exits at once. */
function onStopSignal(stop: (signal: string) => Promise<void>): void {
  let stoppingSince: number | undefined;
  const onSignal = (signal: "SIGINT" | "SIGTERM") => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return;
      Deno.exit(signal === "SIGINT" ? 130 : 143);
    }
    stoppingSince = performance.now();
    setTimeout(() => {
      console.error(`Not everything stopped within ${STOP_WITHIN_MS} ms; leaving it`);
      Deno.exit(1);
    }, STOP_WITHIN_MS);
    stop(signal).then(() => Deno.exit(0), (error) => {
      console.error(error);
      Deno.exit(1);
    });
  };
  Deno.addSignalListener("SIGINT", () => onSignal("SIGINT"));
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", () => onSignal("SIGTERM"));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
