/** One Bybit worker as the program runs it, with the core that reads its channel. */
import { systemClock } from "../../adapters/clock/system.ts";
import { webWorkers } from "../../adapters/venues/_base/host.ts";
import { newChannel } from "../../core/app/channel.ts";
import { Orchestrator } from "../../core/app/orchestrator.ts";
import { newTelemetry, telemetryOn } from "../../core/app/telemetry.ts";
import { QuoteTable } from "../../core/screener/quote_table.ts";
import { Screener } from "../../core/screener/screener.ts";
import { newSlots, slotMsFor } from "../../core/stats/slots.ts";
import { finish, measure, sleep, task } from "./contestant.ts";
import { orderbookFrames, SYMBOLS } from "./frames.ts";

const EXCHANGES = ["okx", "bybit", "gateio", "kraken"];
const firstCell = EXCHANGES.indexOf("bybit") * SYMBOLS.length;
/** Answers that are frames and no quotes: the one to the subscription. */
const ANSWERS = 1;
const WITHIN_MS = 60_000;

const table = new QuoteTable(EXCHANGES, SYMBOLS);
const settings = { minNetBps: 5, hysteresisBps: 2, takerFeeBps: EXCHANGES.map(() => 10) };
const orchestrator = new Orchestrator(table, new Screener(table, settings, "bench"), systemClock);
const cells = SYMBOLS.length;
const channel = newChannel({ capacity: 8192, wake: orchestrator.wake, firstCell, cells });
const memory = newTelemetry();
const telemetry = telemetryOn(memory);
orchestrator.attach(channel);
orchestrator.start();

let ended = () => {};
const { port } = task();
const dataDir = await Deno.makeTempDir();
const worker = webWorkers.start({
  venue: "bybit",
  feed: "socket",
  exchanges: [{ id: "bybit", firstCell }],
  symbols: SYMBOLS,
  channel,
  telemetry: memory,
  slots: newSlots({ slotMs: slotMsFor(cells * EXCHANGES.length), firstCell, cells }),
  wsUrl: `ws://127.0.0.1:${port}/v5/public/spot`,
  restUrl: `http://127.0.0.1:${port}`,
  dataDir,
}, {
  ready() {},
  log(level, message, fields) {
    if (level === "warning" || level === "error") console.error(message, fields);
  },
  ended: () => ended(),
});

const measured = await measure(() => telemetry.frames);
await fetch(`http://127.0.0.1:${port}/pause`).then((response) => response.body?.cancel());
// What is under way arrives, and is read in the next turns of this loop.
const giveUpAt = performance.now() + WITHIN_MS;
for (let frames = -1; frames !== telemetry.frames || telemetry.frames - ANSWERS > orchestrator.ticks;) {
  frames = telemetry.frames;
  await sleep(200);
  if (performance.now() > giveUpAt) break;
}
const found = violations();
await new Promise<void>((resolve) => {
  ended = resolve;
  worker.stop();
});
await Deno.remove(dataDir, { recursive: true });
finish(measured, found);

/** Every frame changes a quote, so each must be in the table or in the count of a later one, and the last ones stand. */
function violations(): string[] {
  const { frames, malformed, gaps } = telemetry;
  const found: string[] = [];
  const missing = frames - ANSWERS - orchestrator.ticks;
  if (missing !== 0) found.push(`${missing} of ${frames} frames never reached the table`);
  if (malformed > 0) found.push(`${malformed} frames were taken for malformed`);
  if (gaps > 0) found.push(`${gaps} gaps were seen where none is`);
  const last = new Map([...orderbookFrames()].map((frame) => [frame.symbol, frame]));
  for (const [symbol, { bid, ask }] of last) {
    const quote = table.quote(firstCell + SYMBOLS.indexOf(symbol));
    if (quote?.bid === bid && quote.ask === ask && quote.fresh) continue;
    found.push(`${symbol} is ${quote?.bid} to ${quote?.ask}, the last frame said ${bid} to ${ask}`);
  }
  return found;
}
