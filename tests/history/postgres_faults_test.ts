/** What can go wrong between the history and PostgreSQL, with a server that it really goes wrong on. */
import assert from "node:assert/strict";
import { openHistory } from "../../adapters/history/open.ts";
import { parseAddress } from "../../adapters/postgres/address.ts";
import { Connections } from "../../adapters/postgres/connections.ts";
import { type Bar, MINUTE_MS } from "../../core/domain/bar.ts";
import { type History, HistoryError } from "../../core/ports/history.ts";
import { seed } from "../core/seed.ts";
import { seeded } from "../random.ts";
import { freePort } from "../ports.ts";
import { Cluster, clusterIsMissing } from "./cluster.ts";
import { delay } from "./delay.ts";
import { once } from "./postgres.ts";
import { DAY0, minute, quotes } from "./records.ts";

const ignore = clusterIsMissing();
const PATIENCE_MS = 120_000;
const LONG = { mode: "live", symbol: "BTC-USDT", interval: "1m", from: 0, to: DAY0 * 2 } as const;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `History in PostgreSQL: ${name}`, ignore, fn });
}

/** Closes with the scope. */
function opened(url: string, withinMs = 60_000): History & AsyncDisposable {
  const history = openHistory(url, { dataDir: ".", withinMs });
  return Object.assign(history, { [Symbol.asyncDispose]: () => history.close() });
}

function failure(kind: HistoryError["kind"], words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof HistoryError, `It is ${error}`);
    assert.match(error.message, words);
    assert.equal(error.kind, kind);
    return true;
  };
}

const one = (n: number): Bar => minute(seeded(n), { timestamp: DAY0 + n * MINUTE_MS });

test("a frozen server fails a call at its deadline, and later calls work once it runs again", async () => {
  await using cluster = await Cluster.start();
  await using patient = opened(cluster.url);
  await patient.migrate();
  await using history = opened(cluster.url, 2_000);
  await until(() => history.write({ minutes: [one(0)], episodes: [] }));
  await cluster.freeze();
  const late = failure("unreachable", /did not answer within 20\d\d ms/);
  // The first finds a connection, the others have to make one; all at once, so that some wait for one as well.
  await Promise.all(
    [1, 2, 3, 4, 5].map((n) => assert.rejects(history.write({ minutes: [one(n)], episodes: [] }), late)),
  );
  await assert.rejects(history.writeQuotes(quotes(seeded(seed), 10, { from: DAY0 })), late);
  await assert.rejects(Array.fromAsync(history.bars(LONG)), late);
  await cluster.thaw();
  await until(() => history.write({ minutes: [one(9)], episodes: [] }));
  const kept = await bars(patient);
  assert.ok(kept.some(({ timestamp }) => timestamp === DAY0 + 9 * MINUTE_MS));
});

test("a connection does not hold what it has read", async () => {
  await using cluster = await Cluster.start();
  const connections = new Connections(parseAddress(cluster.url), 60_000);
  try {
    const results: WeakRef<number[]>[] = [];
    const someAreGone = () => results.some((result) => result.deref() === undefined);
    // Nearly a megabyte each: long before the last one has memory to be freed, and what can be freed goes.
    while (!someAreGone() && results.length < 500) {
      const result = await connections.run(async (transaction) => {
        await transaction.query("select 1");
        return Array.from({ length: 100_000 }, (_, n) => n + 0.5);
      });
      results.push(new WeakRef(result));
    }
    assert.ok(someAreGone());
  } finally {
    await connections.close();
  }
});

test("a server that crashes again and again between and during writes loses and doubles nothing", async () => {
  await using cluster = await Cluster.start();
  await using history = opened(cluster.url, 5_000);
  await history.migrate();
  const random = seeded(seed);
  let done = false;
  const crashes = (async () => {
    for (let n = 0; n < 5; n++) {
      await delay(random() * 200);
      await cluster.crash();
      await delay(random() * 100);
      await cluster.start();
    }
    done = true;
  })();
  const written: Bar[] = [];
  while (!done || written.length < 50 * 20) {
    const batch = Array.from({ length: 50 }, (_, n) => one(written.length + n));
    await until(() => history.write({ minutes: batch, episodes: [] }));
    written.push(...batch);
  }
  await crashes;
  assert.deepEqual(await bars(history), written);
});

test("a killed connection fails one call as unreachable, during a query, a batch or a COPY, and no more", async () => {
  await using cluster = await Cluster.start();
  await using history = opened(cluster.url);
  await history.migrate();
  const calls = [
    () => history.writeQuotes(quotes(seeded(seed), 200_000, { from: DAY0 })),
    () => history.write({ minutes: Array.from({ length: 20_000 }, (_, n) => one(n)), episodes: [] }),
    () => bars(history),
  ];
  for (const call of calls) {
    let under = true;
    const outcome = call().then(() => "done", (error) => error).finally(() => under = false);
    while (under) {
      await once(
        cluster.url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'marketflow'",
      );
    }
    const result = await outcome;
    if (result !== "done") failure("unreachable", /PostgreSQL at/)(result);
    await until(() => history.write({ minutes: [one(1)], episodes: [] }));
  }
});

test("what does not accept connections is unreachable, and is told apart from what refuses", async () => {
  await using cluster = await Cluster.start({ access: ["host all guarded 127.0.0.1/32 scram-sha-256"] });
  await once(cluster.url, "create role guarded login password 'right'");
  await once(cluster.url, "create role stranger login");
  const address = (user: string, database = "postgres") =>
    `postgres://${user}@127.0.0.1:${cluster.port}/${database}`;
  const refusals: [url: string, kind: HistoryError["kind"], words: RegExp][] = [
    [`postgres://127.0.0.1:${freePort()}/none`, "unreachable", /does not accept connections: is it running/],
    [address("guarded:wrong"), "refused", /does not let this user in: correct user and password/],
    [address("guarded"), "refused", /does not let this user in/],
    [address("root", "nowhere"), "refused", /does not have this database/],
    [address("stranger"), "refused", /does not give this user the right/],
  ];
  for (const [url, kind, words] of refusals) {
    await using history = opened(url);
    await assert.rejects(history.migrate(), failure(kind, words));
    await assert.rejects(
      history.migrate(),
      (error: Error) => !/wrong/.test(error.message) && error.message.startsWith("PostgreSQL at 127.0.0.1:"),
    );
  }
  await once(cluster.url, "grant create on schema public to guarded");
  await using right = opened(address("guarded:right"));
  await right.migrate();
  await right.write({ minutes: [one(0)], episodes: [] });
  assert.deepEqual(await bars(right), [one(0)]);
});

test("a read-only server refuses what is written and answers what is asked", async () => {
  await using cluster = await Cluster.start();
  {
    await using history = opened(cluster.url);
    await history.migrate();
    await history.write({ minutes: [one(0)], episodes: [] });
  }
  await once(cluster.url, "alter database postgres set default_transaction_read_only = on");
  await using history = opened(cluster.url);
  await history.migrate();
  const readOnly = failure("refused", /is read-only: name the primary server/);
  await assert.rejects(history.write({ minutes: [one(1)], episodes: [] }), readOnly);
  await assert.rejects(history.writeQuotes(quotes(seeded(seed), 10, { from: DAY0 })), readOnly);
  assert.deepEqual(await bars(history), [one(0)]);
});

test("TLS is spoken as sslmode asks, with names and certificates verified", async () => {
  await using cluster = await Cluster.start({ tls: true });
  const at = (host: string, parameters: string) =>
    `postgres://root@${host}:${cluster.port}/postgres?${parameters}`;
  const root = `sslrootcert=${encodeURIComponent(cluster.certificate)}`;
  const works = [
    at("127.0.0.1", ""),
    at("127.0.0.1", "sslmode=require&channel_binding=prefer"),
    at("127.0.0.1", `sslmode=verify-ca&${root}`),
    at("localhost", `sslmode=verify-full&${root}`),
  ];
  for (const [n, url] of works.entries()) {
    // Each under a name of its own: the server may still have the connection before.
    await using history = opened(`${url}&application_name=encrypted${n}`);
    await history.migrate();
    await history.write({ minutes: [one(0)], episodes: [] });
    assert.deepEqual(await bars(history), [one(0)]);
    const rows = await once(
      cluster.url,
      `select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'encrypted${n}'`,
    );
    assert.deepEqual(rows.map((row) => row.ssl), [true]);
  }
  const notTrusted = failure("refused", /has a certificate that is not trusted/);
  await using unknown = opened(at("localhost", "sslmode=verify-full"));
  await assert.rejects(unknown.migrate(), notTrusted);
  await using misnamed = opened(at("127.0.0.1", `sslmode=verify-full&${root}`));
  await assert.rejects(misnamed.migrate(), notTrusted);
});

test("a server without TLS is refused where TLS is asked for, and taken where it is preferred", async () => {
  await using cluster = await Cluster.start();
  for (const mode of ["require", "verify-full"]) {
    await using history = opened(`${cluster.url}?sslmode=${mode}`);
    await assert.rejects(history.migrate(), failure("refused", /does not speak TLS, and sslmode=/));
  }
  for (const mode of ["prefer", "disable"]) {
    await using history = opened(`${cluster.url}?sslmode=${mode}`);
    await history.migrate();
  }
});

test("a peer that accepts and says nothing fails a call at its deadline", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taken: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) taken.push(connection);
  })();
  const { port } = listener.addr as Deno.NetAddr;
  for (const mode of ["disable", "require"]) {
    await using history = opened(`postgres://root@127.0.0.1:${port}/postgres?sslmode=${mode}`, 300);
    await assert.rejects(
      Array.fromAsync(history.bars(LONG)),
      failure("unreachable", /did not answer within 300 ms/),
    );
  }
  listener.close();
  await accepting;
  for (const connection of taken) connection.close();
});

async function bars(history: History): Promise<Bar[]> {
  return (await Array.fromAsync(history.bars(LONG))).flat();
}

/** Again and again until it works; what is refused never will. A server that starts anew may take its time. */
async function until(call: () => Promise<void>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS;;) {
    try {
      return await call();
    } catch (error) {
      failure("unreachable", /./)(error);
      if (performance.now() > end) throw error;
      await delay(20);
    }
  }
}
