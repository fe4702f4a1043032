/**
 * Many readers of the program's streams, one in ten slow and one in fifty not reading at all; by hand:
 *
 *     deno run --allow-all tests/soak/streams.ts [--seconds 300] [--clients 500] [--rate 20] [--nginx]
 *
 * `clients` by server-sent events and as many by WebSocket, `rate` in events a second. `--nginx` puts the nginx of the
 * containers between. Each connection takes a file here and one in the program, and with nginx two more there:
 * `ulimit -n` must allow that. Exit code 1 where something does not hold.
 */
import { parseArgs } from "node:util";
import { Nginx } from "../deploy/nginx.ts";
import { FORMS } from "../program/streams/messages.ts";
import { streams, type StreamsReport } from "../program/streams/streams.ts";
import type { Sample } from "../program/streams/watch.ts";
import { verdicts } from "../program/streams/verdicts.ts";
import { told } from "./told.ts";

const text = { type: "string" } as const;
const { values } = parseArgs({
  args: Deno.args,
  options: {
    seconds: { ...text, default: "300" },
    clients: { ...text, default: "500" },
    rate: { ...text, default: "20" },
    nginx: { type: "boolean", default: false },
  },
});
const [seconds, clients, rate] = [values.seconds, values.clients, values.rate].map(Number) as [
  number,
  number,
  number,
];

const report = await streams({
  clients,
  quotes: seconds * rate,
  everyMs: 1_000 / rate,
  say: told,
  ...(values.nginx && {
    front: ({ url }) =>
      Nginx.start({
        upstream: Number(new URL(url).port),
        variables: { NGINX_STREAMS_PER_ADDRESS: String(4 * clients) },
      }),
  }),
});
show(report);
const all = verdicts(report);
for (const { what, holds, found } of all) console.log(`${holds ? "holds" : "FAILS"}  ${what}: ${found}`);
Deno.exit(all.every(({ holds }) => holds) ? 0 : 1);

function show({ reports, samples, before, after, delays }: StreamsReport): void {
  const mega = (bytes: number) => Number((bytes / 1e6).toFixed(1));
  console.table(
    halfMinutely(samples).map((one) => ({
      seconds: Math.round(one.seconds),
      readers: one.clients,
      events: one.events,
      "memory, MB": mega(one.rssBytes),
      "heap, MB": mega(one.heapBytes),
      "TCP of the machine, MB": mega(one.kernelBytes),
      "waiting, MB": mega(one.bufferedBytes),
      cut: one.cut,
      superseded: one.superseded,
      "loop late, ms": Math.round(one.loopDelayMs),
    })),
  );
  console.table(FORMS.flatMap((form) =>
    (["steady", "slow", "silent"] as const).map((pace) => {
      const some = reports.filter((one) => one.form === form && one.pace === pace);
      const sum = (of: "events" | "cut" | "backWithMissed" | "backWithSnapshot") =>
        some.reduce((all, one) => all + one[of], 0);
      return {
        form,
        pace,
        readers: some.length,
        "events, mean": some.length === 0 ? 0 : Math.round(sum("events") / some.length),
        cuts: sum("cut"),
        "back with missed": sum("backWithMissed"),
        "back with snapshot": sum("backWithSnapshot"),
      };
    })
  ));
  const deliveries = reports.reduce((sum, { messages }) => sum + messages, 0);
  const processor = after.processorSeconds - before.processorSeconds;
  console.log(
    `${deliveries} messages delivered; ${processor.toFixed(1)} s of processor in the program, ` +
      `${(processor / seconds).toFixed(2)} of a core, ${(1e6 * processor / deliveries).toFixed(1)} µs each`,
  );
  console.log(
    `Memory before the readers ${mega(before.rssBytes)} MB, at most ${
      mega(Math.max(...samples.map(({ rssBytes }) => rssBytes)))
    } MB; age of an event at a reader p50 ${quantile(delays, 0.5)} ms, p99 ${quantile(delays, 0.99)} ms`,
  );
}

/** The first of each half minute, and the last. */
function halfMinutely(samples: readonly Sample[]): Sample[] {
  const half = ({ seconds }: Sample) => Math.floor(seconds / 30);
  return samples.filter((one, index) =>
    index === 0 || index === samples.length - 1 || half(one) !== half(samples[index - 1]!)
  );
}

function quantile(counts: Uint32Array, share: number): number {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count) => (seen += count) >= share * all);
}
