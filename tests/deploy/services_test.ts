/** The commands and health checks of docker-compose.yml, run as they stand but for ports and folders. */
import assert from "node:assert/strict";
import { until } from "../program/process.ts";
import { RedisServer, redisTest } from "../cache/redis_server.ts";
import { Cluster, clusterIsMissing } from "../history/cluster.ts";
import { freePort } from "../ports.ts";
import { promtool, promtoolIsMissing } from "../promtool.ts";
import { readCompose } from "./compose.ts";
import { Nginx, nginxIsMissing } from "./nginx.ts";

const { services } = readCompose();
const ROOT = new URL("../../", import.meta.url);

async function run(command: readonly string[]): Promise<{ code: number; said: string }> {
  const [program, ...args] = command;
  const { code, stdout } = await new Deno.Command(program!, { args, stdin: "null", stderr: "null" }).output();
  return { code, said: new TextDecoder().decode(stdout).trim() };
}

/** Without the word that says that no shell is needed. */
const checkOf = (id: string): string[] => services[id]!.healthcheck!.test!.slice(1);
const at = (command: readonly string[], port: number) =>
  command.map((one) => one.replace(/127\.0\.0\.1:\d+/u, `127.0.0.1:${port}`));

redisTest("Redis starts with its command, forgets the oldest first, and is asked how it is", async () => {
  const [program, ...args] = services.redis!.command!;
  assert.equal(program, "redis-server");
  await using redis = await RedisServer.start(args);
  const cli = (...more: string[]) => run(["redis-cli", "-p", String(redis.port), ...more]);
  assert.equal((await cli("config", "get", "maxmemory")).said.split("\n")[1], String(128 * 1024 * 1024));
  assert.equal((await cli("config", "get", "maxmemory-policy")).said.split("\n")[1], "allkeys-lru");
  assert.equal((await cli("config", "get", "protected-mode")).said.split("\n")[1], "no");
  const [check, ...question] = checkOf("redis");
  assert.equal(check, "redis-cli");
  assert.deepEqual(await cli(...question), { code: 0, said: "PONG" });
});

Deno.test({
  name: "PostgreSQL is asked how it is",
  ignore: clusterIsMissing(),
  async fn() {
    await using cluster = await Cluster.start();
    const check = [...checkOf("postgres"), `--port=${cluster.port}`];
    assert.equal((await run(check)).code, 0);
    await cluster.crash();
    assert.notEqual((await run(check)).code, 0);
  },
});

Deno.test({
  name: "nginx is asked how it is, whatever the program does, and with TLS as well",
  ignore: nginxIsMissing(),
  async fn() {
    for (const server of ["plain", "tls"] as const) {
      const nginx = await Nginx.start({ upstream: freePort(), server });
      const check = at(checkOf("nginx"), nginx.port);
      assert.equal((await run(check)).code, 0, server);
      await nginx[Symbol.asyncDispose]();
      assert.notEqual((await run(check)).code, 0);
    }
  },
});

Deno.test({
  name: "Prometheus starts with its command, has the alerts, and is asked how it is",
  ignore: await promtoolIsMissing(),
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
    const port = freePort();
    const configs = new URL("deploy/prometheus", ROOT).pathname;
    const args = services.prometheus!.command!.map((one) =>
      one.replace("/etc/prometheus", configs).replace("=/prometheus", `=${folder}`)
    );
    const file = args[0]!.split("=")[1]!;
    const { code, said } = await promtool(["check", "config", file]);
    assert.equal(code, 0, said);
    const child = new Deno.Command("prometheus", {
      args: [...args, `--web.listen-address=127.0.0.1:${port}`],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let ended = false;
    child.status.then(() => ended = true);
    try {
      const check = at(checkOf("prometheus"), port);
      await until("Prometheus is ready or ends", async () => ended || (await run(check)).code === 0);
      assert.equal(ended, false);
      const { data } = await (await fetch(`http://127.0.0.1:${port}/api/v1/rules`)).json();
      assert.ok(data.groups[0].rules.length > 5);
      const target = await until("it has its target", async () => {
        const targets = await (await fetch(`http://127.0.0.1:${port}/api/v1/targets`)).json();
        return targets.data.activeTargets[0];
      });
      assert.equal(target.scrapeUrl, "http://marketflow:8080/metrics");
    } finally {
      if (!ended) child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
