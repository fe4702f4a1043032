/** A Redis Cluster of three masters and three replicas on loopback. */
import assert from "node:assert/strict";
import { pause, until } from "../program/process.ts";
import { open, quotes, untilStatus, written } from "./caches.ts";
import { RedisServer, redisTest } from "./redis_server.ts";

const PAIRS = 300;

redisTest("a cluster takes quotes on all of its nodes, and again after one has failed", async () => {
  const nodes: RedisServer[] = [];
  try {
    for (let n = 0; n < 6; n++) nodes.push(await RedisServer.start(CLUSTER_NODE, { cliArgs: ["-c"] }));
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await nodes[0]!.cli("--cluster", "create", ...addresses, "--cluster-replicas", "1", "--cluster-yes");
    const state = (node: RedisServer) => node.cli("CLUSTER", "INFO").catch(() => "");
    for (const node of nodes) {
      await until("the cluster is whole", () => state(node), (text) => text.includes("cluster_state:ok"));
    }

    await using cache = open(`redis+cluster://${addresses[0]},${addresses[1]}`);
    cache.put("live", quotes(PAIRS, { bid: 1 }));
    await written(cache);
    for (const pair of quotes(PAIRS)) {
      assert.equal((await nodes[0]!.hash(`price:e:${pair.symbol}`)).bid, "1");
      assert.equal((await cache.latest("live", "e", pair.symbol))?.bid, 1);
    }
    const sizes = await Promise.all(nodes.slice(0, 3).map((node) => node.cli("KEYS", "price:*")));
    assert.ok(sizes.every((text) => text.split("\n").length > PAIRS / 6), "every master has its share");
    await until("streams too", () => nodes[0]!.cli("XLEN", "recent:e:S1-USDT"), (text) => text === "1");

    // A slot that moves: its keys are found where they are.
    await nodes[0]!.cli(
      ...["--cluster", "reshard", addresses[0]!, "--cluster-from", await nodes[1]!.cli("CLUSTER", "MYID")],
      ...["--cluster-to", await nodes[0]!.cli("CLUSTER", "MYID"), "--cluster-slots", "2000", "--cluster-yes"],
    );
    cache.put("live", quotes(PAIRS, { bid: 2 }));
    await written(cache);
    for (const pair of quotes(PAIRS)) assert.equal((await nodes[0]!.hash(`price:e:${pair.symbol}`)).bid, "2");

    // The node that it was told of first dies; a replica takes over.
    const replication = (node: RedisServer) => node.cli("INFO", "replication");
    for (const node of nodes) {
      await until(
        "replicas follow",
        () => replication(node),
        (text) => !text.includes("master_link_status:down"),
      );
    }
    await nodes[0]!.kill();
    await untilStatus(cache, "it is missed", ({ state }) => state === "fallback");
    for (let n = 0; n < 20; n++) {
      cache.put("live", quotes(PAIRS, { bid: 10 + n }));
      assert.equal((await cache.latest("live", "e", `S${n}-USDT`))?.bid, 10 + n);
      await pause(0);
    }
    assert.equal(cache.status().pending, PAIRS);
    await written(cache);
    for (const pair of quotes(PAIRS)) {
      assert.equal((await nodes[2]!.hash(`price:e:${pair.symbol}`)).bid, "29");
    }
  } finally {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  }
});

const CLUSTER_NODE = [
  ...["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"],
  // A replica takes over at once, and only one that has what its master had.
  ...["--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0"],
];
