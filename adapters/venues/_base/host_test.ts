import assert from "node:assert/strict";
import { telemetryOn } from "../../../core/app/telemetry.ts";
import { QuoteState } from "../../../core/domain/quote.ts";
import type { RunningWorker, WorkerHost, WorkerSpec } from "../../../core/ports/workers.ts";
import { webWorkers, workerHost } from "./host.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { type LogRecord, pause, Rows, specOf, until } from "./testing.ts";

const { fresh, stale } = QuoteState;

interface Started {
  worker: RunningWorker;
  readies: number;
  ends: (string | undefined)[];
  logs: LogRecord[];
}

function start(host: WorkerHost, spec: WorkerSpec): Started {
  const started: Omit<Started, "worker"> = { readies: 0, ends: [], logs: [] };
  const worker = host.start(spec, {
    ready: () => void started.readies++,
    log: (level, message, fields) => void started.logs.push({ level, message, fields }),
    ended: (error) => void started.ends.push(error),
  });
  return Object.assign(started, { worker });
}

function syntheticSpec(): WorkerSpec {
  return specOf(["BTC-USDT", "ETH-USDT"], {
    venue: "okx",
    feed: "synthetic",
    exchanges: [{ id: "okx", firstCell: 0 }],
    test: { seed: 1, stepsPerSecond: 20, startTime: Date.now() },
  });
}

/** A host whose worker is this script. */
function scripted(script: string): WorkerHost {
  return workerHost(new URL(`data:text/javascript,${encodeURIComponent(script)}`));
}

Deno.test("worker runs its feed, moves its heartbeat, and ends once when asked to", async () => {
  const spec = syntheticSpec();
  const started = start(webWorkers, spec);
  const rows = new Rows(spec);
  await until(() => started.readies === 1 && rows.are([fresh, fresh]), "ready and quoting");
  const telemetry = telemetryOn(spec.telemetry);
  const { heartbeat } = telemetry;
  await until(() => telemetry.heartbeat > heartbeat, "heartbeat");
  started.worker.stop();
  started.worker.stop();
  await until(() => started.ends.length > 0, "ended");
  await pause(50);
  assert.deepEqual(started.ends, [undefined]);
  const { length } = rows.read().all;
  await pause(150);
  assert.equal(rows.read().all.length, length, "Nothing is written after the end");
  started.worker.stop();
  started.worker.terminate();
  assert.deepEqual(started.ends, [undefined]);
});

Deno.test("worker reads a real venue from socket to channel", async () => {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") return new Response("Gone", { status: 404 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      requests.push(data);
      const { op, req_id, args } = JSON.parse(data);
      if (op !== "subscribe") return;
      socket.send(JSON.stringify({ success: true, ret_msg: "subscribe", conn_id: "1", req_id, op }));
      for (const topic of args) {
        const data = { s: topic.slice(12), b: [["100.5", "2"]], a: [["100.6", "3"]], u: 7, seq: 1 };
        socket.send(JSON.stringify({ topic, type: "snapshot", ts: 5, data, cts: 4 }));
      }
    };
    return response;
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const dataDir = await Deno.makeTempDir();
  const spec = specOf(["BTC-USDT", "ETH-USDT"], {
    venue: "bybit",
    exchanges: [{ id: "bybit", firstCell: 4 }],
    wsUrl: `ws://${host}/v5/public/spot`,
    restUrl: `http://${host}`,
    dataDir,
  });
  const started = start(webWorkers, spec);
  const rows = new Rows(spec);
  await until(() => rows.are([fresh, fresh], 4), "two quotes");
  const { bid, bidSize, ask, askSize, exchangeTime } = rows.at(5);
  assert.deepEqual([bid, bidSize, ask, askSize, exchangeTime], [100.5, 2, 100.6, 3, 4]);
  assert(started.logs.some(({ fields }) => /status 404/.test(`${fields.problem}`)), "The list is not there");
  await server.shutdown();
  await until(() => rows.are([stale, stale], 4), "stale when the venue is gone");
  started.worker.stop();
  await until(() => started.ends.length > 0, "ended");
  assert.deepEqual(started.ends, [undefined]);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("worker that cannot run what it is told ends with the reason", async () => {
  const started = start(webWorkers, specOf(["AA-X"], { venue: "mtgox" }));
  await until(() => started.ends.length > 0, "ended");
  assert.match(started.ends[0]!, /No venue is called mtgox, there are bybit, okx/);
  assert.equal(started.readies, 0);
});

Deno.test("worker that throws, rejects or does not load ends with the error and leaves this process alone", async () => {
  const scripts = {
    throws: "onmessage = () => { throw new Error('Thrown late') }",
    rejects: "onmessage = () => { Promise.reject(new Error('Rejected')) }",
    "does not parse": "this is no script",
    "does not load": "import './missing.ts'",
  };
  for (const [what, script] of Object.entries(scripts)) {
    const started = start(scripted(script), syntheticSpec());
    await until(() => started.ends.length > 0, what);
    await pause(20);
    assert.equal(started.ends.length, 1, what);
    assert(started.ends[0], what);
  }
});

Deno.test("worker ends with an exception out of a timer or a promise through its own boundary", async () => {
  const host = workerHost(new URL("./testing_worker.ts", import.meta.url));
  for (const venue of ["timer", "promise"]) {
    const started = start(host, { ...syntheticSpec(), venue });
    await until(() => started.ends.length > 0, venue);
    assert.equal(started.readies, 1);
    assert.match(started.ends[0]!, new RegExp(`Out of a ${venue}`));
  }
});

Deno.test("worker that gets no message through a flood of frames sees in shared memory that it is to stop", async () => {
  const spec = syntheticSpec();
  const stop = new SharedArrayBuffer(1);
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const messages: FromWorker[] = [];
  worker.onmessage = ({ data }) => messages.push(data);
  const test = { ...spec.test!, stepsPerSecond: 500 };
  worker.postMessage({ kind: "spec", spec: { ...spec, test }, stop } satisfies ToWorker);
  await until(() => messages.length > 0, "ready");
  Atomics.store(new Uint8Array(stop), 0, 1);
  await until(() => messages.length > 1, "ended");
  assert.deepEqual(messages, [{ kind: "ready" }, { kind: "ended", error: undefined }]);
  assert(telemetryOn(spec.telemetry).frames >= 64);
  worker.terminate();
});

Deno.test("worker that never yields is ended from outside, once", async () => {
  const started = start(scripted("onmessage = () => { for (;;); }"), syntheticSpec());
  started.worker.stop();
  await pause(50);
  assert.deepEqual(started.ends, []);
  started.worker.terminate();
  assert.deepEqual(started.ends, [undefined]);
});

Deno.test("workers started and stopped a hundred times leave no thread and no file behind", async () => {
  // Deno itself does not read these folders without all permissions.
  const count = (folder: string) => {
    const { stdout } = new Deno.Command("ls", { args: [`/proc/${Deno.pid}/${folder}`] }).outputSync();
    return new TextDecoder().decode(stdout).trim().split("\n").length;
  };
  const cycle = async () => {
    const started = start(webWorkers, syntheticSpec());
    if (Math.floor(cycles++ / 5) % 2 === 0) await until(() => started.readies === 1, "ready");
    started.worker.stop();
    await until(() => started.ends.length > 0, "ended");
    assert.deepEqual(started.ends, [undefined]);
  };
  let cycles = 0;
  await Promise.all(Array.from({ length: 5 }, cycle));
  const before = Deno.build.os === "linux" ? [count("task"), count("fd")] : [0, 0];
  for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 5 }, cycle));
  if (Deno.build.os !== "linux") return;
  await until(
    () => count("task") <= before[0]! + 2 && count("fd") <= before[1]! + 2,
    `back to ${before[0]} threads and ${before[1]} files`,
  );
});
