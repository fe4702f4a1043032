/**
 * A feed that a test can rely on: a sign of life and a quote of every symbol every 10 ms. What makes a worker
 * misbehave is handed in and called after each beat.
 */
import { ChannelWriter } from "../../../core/app/channel.ts";
import { FeedState, telemetryOn } from "../../../core/app/telemetry.ts";
import type { WorkerSpec } from "../../../core/ports/workers.ts";
import { tickOf } from "../scripted_host.ts";
import type { FromWorker, ToWorker } from "../worker_host.ts";

const worker = self as unknown as {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
  close(): void;
};

export function runFeed(afterBeat: (beat: number) => void = () => {}): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  worker.onmessage = ({ data }) => {
    if ("spec" in data) timer = beatEvery10Ms(data.spec, afterBeat);
    else {
      clearInterval(timer);
      end();
    }
  };
}

/** Says that the worker ends, and ends it. */
export function end(): void {
  worker.postMessage({ ended: true });
  worker.close();
}

function beatEvery10Ms(spec: WorkerSpec, afterBeat: (beat: number) => void): ReturnType<typeof setInterval> {
  const writer = new ChannelWriter(spec.channel);
  const telemetry = telemetryOn(spec.telemetry);
  telemetry.feedState = FeedState.connected;
  worker.postMessage({ ready: true });
  let beat = 0;
  return setInterval(() => {
    beat++;
    telemetry.heartbeat++;
    telemetry.frames++;
    telemetry.lastFrameTime = Date.now();
    for (const { id, firstCell } of spec.exchanges) {
      // `q` bids above what all others ask: there always is something open.
      const bid = (id === "q" ? 101 : 99) + beat % 10 / 100;
      for (const symbol of spec.symbols.keys()) {
        writer.write(tickOf({ cell: firstCell + symbol, bid, ask: bid + 1, receivedTime: Date.now() }));
      }
    }
    afterBeat(beat);
  }, 10);
}
