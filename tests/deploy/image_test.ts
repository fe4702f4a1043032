/** The images, as far as they can be built and run without a container engine. */
import assert from "node:assert/strict";
import type { Health } from "../../core/app/market.ts";
import { until } from "../program/process.ts";
import { freePort } from "../ports.ts";
import { present as redisIsThere, RedisServer } from "../cache/redis_server.ts";
import { Cluster, clusterIsMissing } from "../history/cluster.ts";
import { mountsOf, readCompose } from "./compose.ts";
import { build, type Image } from "./image.ts";
import { Nginx, nginxIsMissing } from "./nginx.ts";
import { inRoot, rootsAreMissing, type Running } from "./root.ts";

const ignore = await rootsAreMissing();
const PASSWORD = "correct-horse-battery-staple";

/** Folders of this machine by the names of the volumes that they stand for. */
type Volumes = Readonly<Record<string, string>>;

/** Those of services of this image. Each begins as a folder of the image and with its owner, as a new volume does. */
async function makeVolumes(image: Image, parent: string, ids: readonly string[]): Promise<Volumes> {
  const { services } = readCompose();
  const volumes: Record<string, string> = {};
  for (const { source, target } of ids.flatMap((id) => mountsOf(services[id]!))) {
    if (source in volumes) continue;
    const { uid, gid } = await Deno.stat(image.folder + target);
    volumes[source] = `${parent}/${source}`;
    await Deno.mkdir(volumes[source]);
    await Deno.chown(volumes[source], uid!, gid!);
  }
  return volumes;
}

/** What a service has of them, by where it has it. */
function volumesOf(id: string, volumes: Volumes): Record<string, string> {
  const mounts = mountsOf(readCompose().services[id]!);
  return Object.fromEntries(mounts.map(({ source, target }) => [target, volumes[source]!]));
}

Deno.test({
  name: "images build in empty folders, and run without root, a shell or a place to write but volumes",
  ignore,
  async fn(t) {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-image-" });
    const parent = await Deno.makeTempDir({ prefix: "marketflow-volumes-" });
    try {
      await Deno.chmod(folder, 0o755);
      await Deno.chmod(parent, 0o755);
      const { marketflow, exchanges } = await build(folder) as { marketflow: Image; exchanges: Image };
      const volumes = await makeVolumes(marketflow, parent, ["secrets", "marketflow"]);
      await t.step("the program has what it needs and nothing else", () => has(marketflow));
      await t.step("secrets are made once, and may be chosen", () => secretsAreMade(marketflow, volumes));
      await t.step(
        "a leftover of a start that was cut off is in nobody's way",
        () => secretsAreMadeAnyway(marketflow, volumes),
      );
      await t.step("the program runs, is asked how it is, and stops", () => runs(marketflow, volumes));
      await t.step({
        name: "it keeps what happens in PostgreSQL and Redis, and is reached through nginx",
        ignore: clusterIsMissing() || !redisIsThere || nginxIsMissing(),
        fn: () => together(marketflow, volumes),
      });
      await t.step("the emulated exchanges run with their chain", () => exchange(exchanges));
    } finally {
      for (const one of [folder, parent]) await Deno.remove(one, { recursive: true });
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
function runSecrets(image: Image, volumes: Volumes, args: string[] = [], env: Record<string, string> = {}) {
  const { entrypoint } = readCompose().services.secrets!;
  return inRoot(image, [...entrypoint!, ...args], { env, volumes: volumesOf("secrets", volumes) }).ended;
}

async function secretsAreMade(image: Image, volumes: Volumes): Promise<void> {
  const run = (args: string[] = [], env: Record<string, string> = {}) =>
    runSecrets(image, volumes, args, env);
  const BY_VOLUME = {
    "secrets-grafana": ["grafana-password"],
    "secrets-marketflow": ["admin-token", "history-url"],
    "secrets-postgres": ["postgres-password"],
  };
  const PATHS = Object.entries(BY_VOLUME).flatMap(([source, names]) =>
    names.map((name) => [name, `${volumes[source]}/${name}`] as const)
  );
  const all = () => Object.fromEntries(PATHS.map(([name, path]) => [name, Deno.readTextFileSync(path)]));

  assert.deepEqual(await run(), { code: 0, said: "" }, "It tells nobody");
  const made = all();
  for (const [source, names] of Object.entries(BY_VOLUME)) {
    assert.deepEqual([...Deno.readDirSync(volumes[source]!)].map(({ name }) => name).sort(), names, source);
  }
  for (const [, path] of PATHS) assert.equal(Deno.statSync(path).mode! & 0o777, 0o444);
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

/** As it is where a process ended between writing a file and giving it its name. */
async function secretsAreMadeAnyway(image: Image, volumes: Volumes): Promise<void> {
  const path = `${volumes["secrets-marketflow"]}/admin-token`;
  const { uid, gid } = await Deno.stat(path);
  await Deno.writeTextFile(`${path}.new`, "half a se", { mode: 0o444 });
  await Deno.chown(`${path}.new`, uid!, gid!);
  await Deno.remove(path);
  assert.deepEqual(await runSecrets(image, volumes), { code: 0, said: "" });
  assert.match(await Deno.readTextFile(path), /^[0-9a-f]{64}$/u);
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o444);
  await assert.rejects(Deno.stat(`${path}.new`), Deno.errors.NotFound);
}

/** With the environment of docker-compose.yml. Its databases are not there, which the program outlives. */
async function runs(image: Image, volumes: Volumes): Promise<void> {
  const port = String(freePort());
  const environment = readCompose({ MARKETFLOW_MODE: "test" }).services.marketflow!.environment!;
  const options = {
    env: { ...environment, MARKETFLOW_SERVER_PORT: port, MARKETFLOW_HISTORY_URL_FILE: "" },
    volumes: volumesOf("marketflow", volumes),
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
  assert.ok([...Deno.readDirSync(volumes.data!)].some(({ name }) => name === "history.sqlite"));
  await using second = await start();
  await stop(second);
}

/** As docker-compose.yml arranges it, but for addresses. */
async function together(image: Image, volumes: Volumes): Promise<void> {
  const { marketflow, nginx, redis } = readCompose({ MARKETFLOW_MODE: "test" }).services;
  await using cluster = await Cluster.start();
  await using cache = await RedisServer.start(redis!.command!.slice(1));
  const history = `${volumes["secrets-marketflow"]}/history-url`;
  await Deno.remove(history);
  await Deno.writeTextFile(history, cluster.url);
  const port = freePort();
  const env = {
    ...marketflow!.environment!,
    MARKETFLOW_SERVER_PORT: String(port),
    MARKETFLOW_CACHE_URL: cache.url,
    MARKETFLOW_SERVER_TRUSTEDPROXIES: "127.0.0.1",
  };
  await using running = inRoot(image, image.entrypoint, { env, volumes: volumesOf("marketflow", volumes) });
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
