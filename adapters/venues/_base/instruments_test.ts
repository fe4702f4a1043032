import assert from "node:assert/strict";
import { cacheFile, readListing } from "./instruments.ts";
import { QUICK, TinyExchange, tinyVenue } from "./testing.ts";

const LIST = JSON.stringify([["AA-X", "AA_X", true]]);

async function listing(exchange: TinyExchange, dataDir: string, tuning = QUICK) {
  const restUrl = `http://${exchange.host}/`;
  const options = { venue: tinyVenue(), restUrl, dataDir, tuning, now: Date.now };
  const read = () => readListing({ ...options, signal: new AbortController().signal });
  return { read, file: cacheFile(options), result: await read() };
}

async function inFolder(test: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    await test(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("instrument list is read from the venue and kept on disk as a whole", () =>
  inFolder(async (dataDir) => {
    await using exchange = new TinyExchange();
    exchange.list = LIST;
    const { result, file } = await listing(exchange, dataDir);
    assert.equal(result.source, "venue");
    assert.equal(result.bySymbol?.get("AA-X")?.venueSymbol, "AA_X");
    assert.equal(result.problem, undefined);
    assert.equal(await Deno.readTextFile(file), LIST);
    assert.deepEqual([...Deno.readDirSync(`${dataDir}/instruments`)].length, 1, "No unfinished file is left");
    assert.deepEqual(exchange.asked, ["/list"]);
  }));

Deno.test("instrument list that cannot be had is the one from before, else the naming rule", () =>
  inFolder(async (dataDir) => {
    await using exchange = new TinyExchange();
    const { result, read, file } = await listing(exchange, dataDir);
    assert.equal(result.source, "rule");
    assert.equal(result.bySymbol, null);
    assert.match(result.problem!, /answers with status 500/);
    exchange.list = LIST;
    assert.equal((await read()).source, "venue");
    for (const body of ["<html>Maintenance</html>", "", "{}"]) {
      exchange.list = body;
      const { source, bySymbol, problem } = await read();
      assert.equal(source, "cache", body);
      assert(bySymbol?.has("AA-X"));
      assert(problem !== undefined);
      assert.equal(await Deno.readTextFile(file), LIST, "A body that is no list is not kept");
    }
  }));

Deno.test("instrument list kept on disk that was damaged is as good as none", () =>
  inFolder(async (dataDir) => {
    await using exchange = new TinyExchange();
    exchange.list = LIST;
    const { file, read } = await listing(exchange, dataDir);
    await Deno.writeTextFile(file, LIST.slice(0, 9));
    exchange.list = null;
    assert.equal((await read()).source, "rule");
  }));

Deno.test("instrument list hands on how long the venue asks to be left alone", () =>
  inFolder(async (dataDir) => {
    await using exchange = new TinyExchange();
    exchange.list = () => new Response("Slow down", { status: 429, headers: { "retry-after": "42" } });
    const { result } = await listing(exchange, dataDir);
    assert.equal(result.retryAfterMs, 42_000);
    assert.equal(result.source, "rule");
  }));

Deno.test("instrument list is not waited for longer than the bound", () =>
  inFolder(async (dataDir) => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("["));
          },
        }),
      ));
    const result = await readListing({
      venue: tinyVenue(),
      restUrl: `http://127.0.0.1:${server.addr.port}`,
      dataDir,
      tuning: { ...QUICK, restTimeoutMs: 100 },
      now: Date.now,
      signal: new AbortController().signal,
    });
    await server.shutdown();
    assert.equal(result.source, "rule");
    assert.match(result.problem!, /no whole answer within 100 ms/);
  }));

Deno.test("instrument list is used even where it cannot be kept", async () => {
  await using exchange = new TinyExchange();
  exchange.list = LIST;
  const { result } = await listing(exchange, "/dev/null");
  assert.equal(result.source, "venue");
  assert.match(result.problem!, /cannot be kept in \/dev\/null/);
});

Deno.test("instrument lists of two addresses of a venue are kept apart", () => {
  const venue = tinyVenue();
  const files = ["https://a.example", "https://b.example"].map((restUrl) =>
    cacheFile({ venue, restUrl, dataDir: "data" })
  );
  assert.notEqual(files[0], files[1]);
  assert.match(files[0]!, /^data\/instruments\/tiny-[0-9a-f]{12}\.json$/);
});
