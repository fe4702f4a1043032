import assert from "node:assert/strict";
import { openHistory } from "../../adapters/history/open.ts";
import { until } from "../core/until.ts";
import { Cluster, clusterIsMissing } from "../history/cluster.ts";
import { clientOf, newDatabase, once, SERVER, serverIsMissing } from "../history/postgres.ts";
import { quotes } from "../history/records.ts";
import { seeded } from "../random.ts";
import {
  assertOnce,
  DAY_MS,
  drained,
  durable,
  inFolder,
  kept,
  logged,
  open,
  type Opened,
  settingsFor,
  STOP_MS,
} from "./archives.ts";
import { TcpProxy } from "./proxy.ts";
import { minuteOf } from "./records.ts";

const ignore = await serverIsMissing();
const SYMBOLS = 200;

/** The database behind a proxy. */
async function behindProxy(test: (url: string, proxy: TcpProxy, direct: string) => Promise<void>) {
  await using database = await newDatabase();
  const { hostname, port } = new URL(SERVER);
  await using proxy = new TcpProxy({ hostname, port: Number(port || 5_432) });
  const url = new URL(database.url);
  url.hostname = "127.0.0.1";
  url.port = `${proxy.port}`;
  await test(url.href, proxy, database.url);
}

const state = (opened: Opened) => opened.archive.status().history.state;

async function assertMinutes(url: string, minutes: number): Promise<void> {
  const [row] = await once(
    url,
    `select count(*)::int as n, count(distinct (pair_name, timestamp))::int as keys from minutes`,
  );
  assert.deepEqual({ ...row }, { n: minutes * SYMBOLS, keys: minutes * SYMBOLS });
}

Deno.test({
  name: "a database that is not there at the start gets everything when it comes",
  ignore,
  fn: () =>
    inFolder((dataDir) =>
      behindProxy(async (url, proxy, direct) => {
        proxy.refuse();
        const opened = await open(settingsFor(dataDir, url));
        for (let minute = 0; minute < 5; minute++) {
          opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute) });
        }
        await durable(opened);
        await until("health says so", () => state(opened) === "unreachable");
        assert.equal(opened.archive.status().outbox.state, "ok");
        assert.equal(opened.archive.status().outbox.records, 5 * SYMBOLS);
        proxy.restore();
        await drained(opened);
        assert.equal(state(opened), "ok");
        assertOnce(opened, /History is unreachable/);
        await opened.archive.stop(STOP_MS);
        await assertMinutes(direct, 5);
      })
    ),
});

Deno.test({
  name: "connections that are cut thirty times lose nothing and double nothing",
  ignore,
  fn: () =>
    inFolder((dataDir) =>
      behindProxy(async (url, proxy, direct) => {
        const opened = await open(settingsFor(dataDir, url));
        for (let minute = 0; minute < 30; minute++) {
          opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute) });
          opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute, 2) });
          if (minute % 3 === 0) await drained(opened);
          else if (minute % 3 === 1) await durable(opened);
          proxy.cut();
        }
        await drained(opened);
        await opened.archive.stop(STOP_MS);
        await assertMinutes(direct, 30);
        const { bars } = await kept(settingsFor(dataDir, direct), ["S0-USDT", "S199-USDT"]);
        assert.deepEqual(bars.map(({ samples }) => samples), Array(60).fill(2));
      })
    ),
});

Deno.test({
  name: "a database that is long gone gets hours of minutes when it is back",
  ignore,
  fn: () =>
    inFolder((dataDir) =>
      behindProxy(async (url, proxy, direct) => {
        const opened = await open(settingsFor(dataDir, url));
        opened.archive.keep({ minutes: minuteOf(SYMBOLS, 0) });
        await drained(opened);
        proxy.refuse();
        for (let minute = 1; minute < 180; minute++) {
          opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute) });
          if (minute % 20 === 0) await durable(opened);
        }
        await durable(opened);
        assert.equal(opened.archive.status().outbox.records, 179 * SYMBOLS);
        // The process may be started anew meanwhile.
        await opened.archive.stop(1_000);
        const again = await open(settingsFor(dataDir, url));
        await until("it knows of them", () => again.archive.status().outbox.records === 179 * SYMBOLS);
        proxy.restore();
        await drained(again);
        await until("the outbox is small again", () => Deno.statSync(`${dataDir}/outbox.sqlite`).size < 8e6);
        await again.archive.stop(STOP_MS);
        await assertMinutes(direct, 180);
      })
    ),
});

Deno.test({
  name: "a database that is frozen holds nothing up but the drain, and stop keeps to its time",
  ignore,
  fn: () =>
    inFolder((dataDir) =>
      behindProxy(async (url, proxy, direct) => {
        const opened = await open(settingsFor(dataDir, url));
        opened.archive.keep({ minutes: minuteOf(SYMBOLS, 0) });
        await drained(opened);
        proxy.freeze();
        for (let minute = 1; minute < 4; minute++) {
          opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute) });
          await durable(opened);
        }
        await until("health says so", () => state(opened) === "unreachable");
        await opened.archive.stop(1_500);
        assert.equal(opened.archive.status().outbox.pending, 0);
        proxy.cut();
        proxy.restore();
        const again = await open(settingsFor(dataDir, url));
        await drained(again);
        await again.archive.stop(STOP_MS);
        await assertMinutes(direct, 4);
      })
    ),
});

Deno.test({
  name:
    "a reader that holds an old partition keeps it from being removed, and nothing else from being written",
  ignore,
  fn: () =>
    inFolder(async (dataDir) => {
      await using database = await newDatabase();
      const history = openHistory(database.url, { dataDir });
      await history.migrate();
      await history.writeQuotes(quotes(seeded(1), 10, { from: Date.now() - 10 * DAY_MS }));
      await history.close();
      const settings = settingsFor(dataDir, database.url);
      settings.history.retention.quotes = DAY_MS;
      const reader = clientOf(database.url);
      try {
        await reader.unsafe("begin; select * from quotes");
        const opened = await open(settings);
        await until("it cannot be removed", () => logged(opened, /could not be removed.*lock/).length === 1);
        opened.archive.keep({ minutes: minuteOf(SYMBOLS, 0) });
        await drained(opened);
        const { state, error, cleanedAt } = opened.archive.status().history;
        assert.deepEqual([state, error, cleanedAt], ["ok", null, null]);
        assert.deepEqual(logged(opened, /History/), []);
        await opened.archive.stop(STOP_MS);
      } finally {
        await reader.end({ timeout: 1 });
      }
      await assertMinutes(database.url, 1);
    }),
});

Deno.test({
  name: "a server that is killed again and again while it is written to has every minute once in the end",
  ignore: clusterIsMissing(),
  fn: () =>
    inFolder(async (dataDir) => {
      await using cluster = await Cluster.start();
      const opened = await open(settingsFor(dataDir, cluster.url));
      for (let minute = 0; minute < 12; minute++) {
        opened.archive.keep({ minutes: minuteOf(SYMBOLS, minute) });
        await durable(opened);
        if (minute % 2 === 1) {
          await cluster.crash();
          await cluster.start();
        }
      }
      await drained(opened);
      await opened.archive.stop(STOP_MS);
      await assertMinutes(cluster.url, 12);
    }),
});
