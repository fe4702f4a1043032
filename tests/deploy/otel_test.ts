/** What the program exports to OpenTelemetry, started as docs/operations.md says: to a receiver of OTLP over HTTP. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { startExchanges, venuesOf } from "../program/exchanges.ts";
import { until } from "../program/process.ts";
import { type Config, launch, Program } from "../program/program.ts";
import { ROOT } from "./program_files.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

/** Kinds of spans. */
const [SERVER, CLIENT] = [2, 3];
const TEST_MODE = { mode: "test" };
const [READ_TOKEN, ADMIN_TOKEN] = ["a-token-to-read-in-this-test", "a-token-to-change-in-this-test"];
const docs = Deno.readTextFileSync(new URL("docs/operations.md", ROOT)).split("\n## OpenTelemetry\n")[1]!
  .split("\n## ")[0]!;
/** What the first example exports. */
const DOCUMENTED = Object.fromEntries(
  [...docs.matchAll(/^export (OTEL_\w+)=(\S+)$/gmu)].map(([, key, value]) => [key!, value!]),
);

interface Received {
  path: string;
  type: string;
  text: string;
}

/** A collector: takes everything and keeps it. */
function openReceiver() {
  const received: Received[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const type = request.headers.get("content-type") ?? "";
    received.push({
      path: new URL(request.url).pathname,
      type,
      text: new TextDecoder().decode(await request.arrayBuffer()),
    });
    return type === "application/json"
      ? Response.json({})
      : new Response(new Uint8Array(), { headers: { "content-type": type } });
  });
  const all = (path: string): Json[] =>
    received.filter((one) => one.path === path).map(({ text }) => JSON.parse(text));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    received,
    resources: () =>
      ["traces", "logs", "metrics"].flatMap((kind) => all(`/v1/${kind}`)).flatMap((body) =>
        body.resourceSpans ?? body.resourceLogs ?? body.resourceMetrics
      ).map(({ resource }) => attributes(resource)),
    spans: () =>
      all("/v1/traces").flatMap((body) => body.resourceSpans).flatMap((one: Json) => one.scopeSpans)
        .flatMap((one: Json) => one.spans).map((span: Json) => ({ ...span, ...attributes(span) })),
    logs: () =>
      all("/v1/logs").flatMap((body) => body.resourceLogs).flatMap((one: Json) => one.scopeLogs)
        .flatMap((one: Json) => one.logRecords)
        .map(({ severityText, body }: Json) => ({ severity: severityText, ...JSON.parse(body.stringValue) })),
    metrics: () =>
      new Set<string>(
        all("/v1/metrics").flatMap((body) => body.resourceMetrics)
          .flatMap((one: Json) => one.scopeMetrics).flatMap((one: Json) => one.metrics).map((
            { name }: Json,
          ) => name),
      ),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function attributes(
  of: { attributes: { key: string; value: Record<string, unknown> }[] },
): Record<string, unknown> {
  return Object.fromEntries(of.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

async function startExporting(config: Config, url: string, env: Record<string, string>): Promise<Program> {
  const process = await launch(config, ["--port", "0"], {
    ...DOCUMENTED,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    ...env,
  });
  const ready = await process.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
  return new Program(process, JSON.parse(ready).url);
}

Deno.test("log lines, requests of clients and to venues, and measurements arrive under the service's name, without tokens", async () => {
  await using receiver = openReceiver();
  await using exchanges = await startExchanges();
  const server = { readToken: READ_TOKEN, adminToken: ADMIN_TOKEN };
  const json = { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
  await using program = await startExporting(
    { mode: "live", venues: venuesOf(exchanges), server },
    receiver.url,
    json,
  );
  for (const venue of ["bybit", "gateio"]) {
    const connected = (line: string) => line.includes(`"venue":"${venue}"`) && line.includes('"Connected"');
    await program.process.line(`that ${venue} is connected`, connected);
  }
  for (const token of [READ_TOKEN, ADMIN_TOKEN, "wrong"]) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${program.url}/prices/latest/ABC-DEF`, { headers });
    assert.equal(response.status, token === "wrong" ? 401 : 404);
    await response.body?.cancel();
  }
  await exchanges.fault("bybit", "kill");
  await until(
    "it warns",
    () => program.process.stderr,
    (lines) => lines.some((line) => line.includes('"bybit"')),
  );
  program.process.kill("SIGTERM");
  const { code, stdout, stderr } = await program.process.untilEnded();
  assert.equal(code, 0);

  const resources = receiver.resources();
  assert.ok(resources.length >= 3);
  for (const resource of resources) assert.equal(resource["service.name"], "marketflow");

  const logs = receiver.logs();
  const printed = [...stdout, ...stderr].map((line) => JSON.parse(line));
  assert.deepEqual(
    logs.map(({ severity: _, ...line }) => line).sort(byTime),
    printed.sort(byTime),
    "What is printed",
  );
  for (const { severity, level } of logs) assert.equal(severity, level);
  assert.ok(logs.some(({ severity }) => severity === "WARN"));
  assert.equal(logs.at(-1).message, "Stopped");

  const spans = receiver.spans();
  const asked = spans.filter((span) => span.kind === SERVER && span["url.path"] === "/prices/latest/ABC-DEF");
  assert.deepEqual(asked.map((span) => `${span.name} ${span["http.response.status_code"]}`).sort(), [
    "GET 401",
    "GET 404",
    "GET 404",
  ]);
  assert.ok(
    spans.some((span) =>
      span.kind === CLIENT && String(span["url.full"]).endsWith("/api/v4/spot/currency_pairs")
    ),
  );

  const metrics = receiver.metrics();
  for (
    const name of ["http.server.request.duration", "http.server.active_requests"]
  ) {
    assert.ok(metrics.has(name), `${name} is not among ${[...metrics].join()}`);
  }
  for (const { text } of receiver.received) {
    for (const token of [READ_TOKEN, ADMIN_TOKEN]) assert.ok(!text.includes(token), "A token is exported");
  }
});

function byTime(a: Json, b: Json): number {
  const key = (line: Json) => line["@timestamp"] + JSON.stringify(line);
  return key(a) < key(b) ? -1 : 1;
}

Deno.test("as documented it speaks protobuf, to an address for each kind", async () => {
  await using receiver = openReceiver();
  await using program = await startExporting(TEST_MODE, receiver.url, {});
  await program.health();
  program.process.kill("SIGTERM");
  assert.equal((await program.process.untilEnded()).code, 0);
  const kinds = receiver.received.map(({ path, type }) => `${path} ${type}`);
  for (const kind of ["traces", "logs", "metrics"]) {
    assert.ok(kinds.includes(`/v1/${kind} application/x-protobuf`), kinds.join());
  }
  for (const { text, path } of receiver.received) assert.ok(text.includes("marketflow"), path);
});

Deno.test("a collector that takes connections and never answers disturbs nothing, and the end comes all the same", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken: Deno.Conn[] = [];
  const taking = (async () => {
    for await (const connection of listener) taken.push(connection);
  })();
  try {
    await using program = await startExporting(TEST_MODE, `http://127.0.0.1:${listener.addr.port}`, {});
    await until("the collector is asked", () => taken.length > 0);
    await until("all is well", () => program.health(), ({ status }) => status === "ok");
    program.process.kill("SIGTERM");
    const { code, stdout } = await program.process.untilEnded();
    assert.deepEqual([code, JSON.parse(stdout.at(-1)!).message], [0, "Stopped"]);
  } finally {
    listener.close();
    for (const connection of taken) connection.close();
    await taking;
  }
});

Deno.test("the collector of the documentation listens where the program sends, and uses what it names", () => {
  const [, yaml] = /^```yaml\n(.*?)^```$/msu.exec(docs)!;
  const { service, ...components } = parse(yaml!);
  assert.equal(
    `http://${components.receivers.otlp.protocols.http.endpoint}`,
    DOCUMENTED["OTEL_EXPORTER_OTLP_ENDPOINT"],
  );
  const used: Record<string, Set<string>> = {
    receivers: new Set(),
    processors: new Set(),
    exporters: new Set(),
  };
  assert.deepEqual(Object.keys(service.pipelines).sort(), ["logs", "metrics", "traces"]);
  for (const pipeline of Object.values<Json>(service.pipelines)) {
    for (const [kind, names] of Object.entries<string[]>(pipeline)) {
      for (const name of names) used[kind]!.add(name);
    }
  }
  for (const [kind, names] of Object.entries(used)) {
    assert.deepEqual([...names].sort(), Object.keys(components[kind]).sort(), kind);
  }
});
