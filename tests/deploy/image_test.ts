/** The images, as far as they can be built and run without a container engine. */
import assert from "node:assert/strict";
import type { Health } from "../../core/app/market.ts";
import { until } from "../program/process.ts";
import { freePort } from "../ports.ts";
import { present as redisIsThere, RedisServer } from "../cache/redis_server.ts";
import { Cluster, clusterIsMissing } from "../history/cluster.ts";
import { readCompose } from "./compose.ts";
import { build, type Image } from "./image.ts";
import { Nginx, nginxIsMissing } from "./nginx.ts";
import { inRoot, rootsAreMissing, type Running } from "./root.ts";

const ignore = await rootsAreMissing();
const PASSWORD = "correct-horse-battery-staple";

/** A folder of this machine that begins as one of the image and with its owner, as a new volume does. */
async function volume(image: Image, of: string): Promise<string> {
  const { uid, gid } = await Deno.stat(image.folder + of);
  const folder = await Deno.makeTempDir({ prefix: "marketflow-volume-" });
  await Deno.chown(folder, uid!, gid!);
  return folder;
}

Deno.test({
  name: "images build in empty folders, and run without root, a shell or a place to write but volumes",
  ignore,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-image-" });
    const folders = [folder];
    try {
      await Deno.chmod(folder, 0o755);
      const { marketflow, exchanges } = await build(folder) as { marketflow: Image; exchanges: Image };
      folders.push(await volume(marketflow, "/app/data"), await volume(marketflow, "/run/secrets"));
      const [, data, secrets] = folders as [string, string, string];
      await t.step("the program has what it needs and nothing else", () => has(marketflow));
      await t.step("secrets are made once, and may be chosen", () => secretsAreMade(marketflow, secrets));
      await t.step("the program runs, is asked how it is, and stops", () => runs(marketflow, data, secrets));
      await t.step({
        name: "it keeps what happens in PostgreSQL and Redis, and is reached through nginx",
        ignore: clusterIsMissing() || !redisIsThere || nginxIsMissing(),
        fn: () => together(marketflow, data, secrets),
      });
      await t.step("the emulated exchanges run with their chain", () => exchange(exchanges));
    } finally {
      for (const one of folders) await Deno.remove(one, { recursive: true });
    }
  },
});

async function has(image: Image): Promise<void> {
  const volumes = {};
  const script = (code: string) => inRoot(image, ["/bin/deno", "eval", code], { volumes }).ended;
  assert.notEqual(
    (await inRoot(image, ["/bin/sh", "-c", "true"], { volumes }).ended).code,
    0,
    "It has no shell",
  );
  const own = await script("console.log(Deno.uid(), Deno.gid(), Deno.cwd())");
  assert.equal(own.said, "65532 65532 /app");
  for (const path of ["/app/x", "/app/data/x", "/dependencies/x", "/x"]) {
    const { code, said } = await script(`Deno.writeTextFileSync(${JSON.stringify(path)}, "")`);
    assert.notEqual(code, 0);
    assert.match(said, /Read-only file system/u, path);
  }
  assert.equal((await script('Deno.writeTextFileSync("/tmp/x", "")')).code, 0);
  const files = [...Deno.readDirSync(`${image.folder}/app`)].map(({ name }) => name).sort();
  assert.deepEqual(files, [
    ...[
      "LICENSE",
      "adapters",
      "clients",
      "config.yaml",
      "core",
      "data",
      "deno.json",
      "deno.lock",
      "deploy",
      "emulated.yaml",
    ],
    ...["islands", "main.ts", "proto", "routes", "static", "ui"],
  ]);
  assert.ok(
    [...Deno.readDirSync(`${image.folder}/app/static/dist`)].length > 0,
    "The page's scripts are bundled",
  );
}

/** By the service of docker-compose.yml. */
async function secretsAreMade(image: Image, folder: string): Promise<void> {
  const { entrypoint } = readCompose().services.secrets!;
  const run = (args: string[] = [], env: Record<string, string> = {}) =>
    inRoot(image, [...entrypoint!, ...args], { env, volumes: { "/run/secrets": folder } }).ended;
  const all = () =>
    Object.fromEntries(NAMES.map((name) => [name, Deno.readTextFileSync(`${folder}/${name}`)]));
  const NAMES = ["admin-token", "grafana-password", "history-url", "postgres-password"];

  assert.deepEqual(await run(), { code: 0, said: "" }, "It tells nobody");
  const made = all();
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), NAMES);
  for (const name of NAMES) assert.equal(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o444);
  const { "history-url": url, ...random } = made;
  for (const secret of Object.values(random)) assert.match(secret, /^[0-9a-f]{64}$/u);
  assert.equal(new Set(Object.values(random)).size, 3);
  assert.equal(url, `postgres://marketflow:${made["postgres-password"]}@postgres:5432/marketflow`);

  await run();
  assert.deepEqual(all(), made, "The next start keeps them");
  assert.deepEqual(await run(["show", "admin-token"]), { code: 0, said: made["admin-token"] });
  const unknown = await run(["show", "../etc/passwd"]);
  assert.equal(unknown.code, 2);
  assert.match(unknown.said, /^Usage: /u);

  const weak = await run([], { SECRET_ADMIN_TOKEN: "hunter2" });
  assert.deepEqual([weak.code, weak.said], [
    2,
    "SECRET_ADMIN_TOKEN: Is too short; use at least 16 characters",
  ]);
  assert.deepEqual(all(), made);
  await run([], { SECRET_POSTGRES_PASSWORD: `${PASSWORD}/@` });
  assert.equal(all()["postgres-password"], `${PASSWORD}/@`);
  assert.equal(decodeURIComponent(new URL(all()["history-url"]!).password), `${PASSWORD}/@`);
  assert.equal(all()["admin-token"], made["admin-token"]);
}

/** With the environment of docker-compose.yml. Its databases are not there, which the program outlives. */
async function runs(image: Image, data: string, secrets: string): Promise<void> {
  const port = String(freePort());
  const environment = readCompose({ MARKETFLOW_MODE: "test" }).services.marketflow!.environment!;
  const options = {
    env: { ...environment, MARKETFLOW_SERVER_PORT: port, MARKETFLOW_HISTORY_URL_FILE: "" },
    volumes: { "/app/data": data, "/run/secrets": secrets },
  };
  const start = async () => {
    const running = inRoot(image, image.entrypoint, options);
    const ready = await running.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
    assert.equal(JSON.parse(ready).url, `http://0.0.0.0:${port}`);
    return running;
  };
  const check = () => inRoot(image, image.healthcheck, options).ended;
  await using first = await start();
  const healthy = await until("it is well", check, ({ code }) => code === 0);
  assert.match(healthy.said, /^(?:ok|starting|degraded)/u);
  const url = `http://127.0.0.1:${port}`;
  assert.match(await (await fetch(url)).text(), /<script type="module" src="\/dist\/client-\w+\.js"/u);
  const change = await fetch(`${url}/mode/test`, { method: "POST" });
  await change.body?.cancel();
  assert.equal(change.status, 401, "The token of the volume is asked for");
  await stop(first);
  const gone = await check();
  assert.equal(gone.code, 1);
  assert.match(gone.said, /^Nothing listens at/u);
  assert.ok([...Deno.readDirSync(data)].some(({ name }) => name === "history.sqlite"));
  await using second = await start();
  await stop(second);
}

/** As docker-compose.yml arranges it, but for addresses. */
async function together(image: Image, data: string, secrets: string): Promise<void> {
  const { marketflow, nginx, redis } = readCompose({ MARKETFLOW_MODE: "test" }).services;
  await using cluster = await Cluster.start();
  await using cache = await RedisServer.start(redis!.command!.slice(1));
  await Deno.remove(`${secrets}/history-url`);
  await Deno.writeTextFile(`${secrets}/history-url`, cluster.url);
  const port = freePort();
  const env = {
    ...marketflow!.environment!,
    MARKETFLOW_SERVER_PORT: String(port),
    MARKETFLOW_CACHE_URL: cache.url,
    MARKETFLOW_SERVER_TRUSTEDPROXIES: "127.0.0.1",
  };
  const volumes = { "/app/data": data, "/run/secrets": secrets };
  await using running = inRoot(image, image.entrypoint, { env, volumes });
  await running.line("that it is ready", (line) => line.includes("MarketFlow is ready"));
  const { MARKETFLOW_UPSTREAM: _, NGINX_LISTEN: __, NGINX_LISTEN_TLS: ___, ...variables } = nginx!
    .environment!;
  await using front = await Nginx.start({ upstream: port, variables });
  const health: Health = await until(
    "both are well",
    async () => await (await fetch(`${front.url}/health`)).json(),
    ({ cache, history }: Health) => cache.state === "ok" && history.state === "ok",
  );
  assert.deepEqual([health.cache.kind, health.history.kind, health.mode], ["redis", "postgres", "test"]);
  await stop(running);
}

async function stop(running: Running): Promise<void> {
  running.kill("SIGTERM");
  const { code, said } = await running.ended;
  assert.equal(code, 0, said);
}

async function exchange(image: Image): Promise<void> {
  const port = freePort();
  const volumes = {};
  await using running = inRoot(image, [...image.entrypoint, "--json", "--base-port", String(port)], {
    volumes,
  });
  await running.line("that it is ready", (line) => line.startsWith('{"ready":true'));
  const chain = await running.line("what became of the chain", (line) => line.startsWith('{"chain"'));
  // There is a node for this platform alone; elsewhere they say so, and run without.
  if (Deno.build.arch === "x86_64") assert.equal(JSON.parse(chain).chain.phase, "running", chain);
  const own = image.healthcheck.map((one) => one.replace("40200", String(port)));
  assert.notDeepEqual(own, image.healthcheck);
  assert.deepEqual(await inRoot(image, own, { volumes }).ended, { code: 0, said: "" });
  await stop(running);
  assert.notEqual((await inRoot(image, own, { volumes }).ended).code, 0);
}
