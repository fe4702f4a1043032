/** docker-compose.yml: it is well-formed, and everything that it names is there. */
import assert from "node:assert/strict";
import { defaults } from "../../adapters/config/defaults.ts";
import { envName, loadSettings } from "../../adapters/config/config.ts";
import { pathsOf } from "../../adapters/config/layers.ts";
import { parse } from "yaml";
import project from "../../deno.json" with { type: "json" };
import { Ajv, composeSchema, DCLinter } from "../tools/compose.ts";
import { interpolate, mountsOf, networksOf, readCompose, type Service, textOfCompose } from "./compose.ts";
import { parseDockerfile } from "./image.ts";
import { fillIn, Nginx, nginxIsMissing, templates } from "./nginx.ts";
import { freePort } from "../ports.ts";

const ROOT = new URL("../../", import.meta.url);
const textOf = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));

const { services, networks, volumes } = readCompose();
const all = Object.entries(services);
const valuesOf = (service: Service) => service.environment ?? {};
const marketflow = services.marketflow!;
const nginx = services.nginx!;

/** What is taste: in which order services and their keys stand. And images that are built here have a name as well. */
const NOT_HELD_TO = [
  ...["service-dependencies-alphabetical-order", "service-keys-order", "services-alphabetical-order"],
  ...["top-level-properties-order", "no-build-and-image"],
];

Deno.test("it is what the schema of the Compose Specification allows", () => {
  const { $schema: _, ...schema } = JSON.parse(Deno.readTextFileSync(composeSchema));
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  const validate = ajv.compile(schema);
  const file = readCompose();
  assert.ok(validate(file), JSON.stringify(validate.errors));
  Object.assign(file.services.nginx!, { portz: [] });
  assert.equal(validate(file), false, "It says so where it is not");
});

Deno.test("the linter has nothing to say about it", async () => {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
  try {
    // It takes variables for a part of what they stand for.
    await Deno.writeTextFile(`${folder}/docker-compose.yml`, interpolate(textOfCompose()));
    const off = Object.fromEntries(NOT_HELD_TO.map((rule) => [rule, 0 as const]));
    const rules = { ...off, "require-quotes-in-ports": [2 as const, { quoteType: "double" }] as [2, object] };
    const linter = new DCLinter({ rules: rules as never, quiet: false, debug: false, exclude: [] });
    const [result] = linter.lintFiles([`${folder}/docker-compose.yml`], false);
    assert.deepEqual(result!.messages.map(({ rule, line, message }) => `${line}: ${rule}: ${message}`), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what is started without a profile is the program, its databases and nginx", () => {
  const of = (profile?: string) =>
    all.filter(([, { profiles }]) => profiles?.[0] === profile).map(([id]) => id);
  assert.deepEqual(of(), ["secrets", "marketflow", "postgres", "redis", "nginx"]);
  assert.deepEqual(of("exchanges"), ["exchanges"]);
  assert.deepEqual(of("monitoring"), ["prometheus", "grafana"]);
});

Deno.test("every image is pinned to a version, and those that are built to the program's own", () => {
  const stages = parseDockerfile().filter((step) => step.getKeyword() === "FROM").map((step) =>
    step.getArguments().map((one) => one.getValue())
  );
  for (const [id, { image, build }] of all) {
    assert.match(image, /:v?\d+\.\d+(?:\.\d+)?(?:-\w+)?$/u, id);
    if (build === undefined) continue;
    assert.ok(image.endsWith(`:${project.version}`), `${id} is version ${project.version}`);
    assert.ok(
      stages.some(([, , name]) => name === build.target),
      `The Dockerfile has a stage ${build.target}`,
    );
    assert.ok(Deno.statSync(new URL(`${build.context}/${build.dockerfile}`, ROOT)).isFile);
  }
  const version = /^DENO_VERSION=(.*)$/mu.exec(textOf(".ci/run"))![1]!;
  const bases = stages.map(([from]) => from!).filter((from) => !stages.some(([, , name]) => name === from));
  for (const base of bases) {
    assert.match(base, new RegExp(`^denoland/deno:(?:\\w+-)?${RegExp.escape(version)}$`, "u"));
  }
});

Deno.test("every service may do as little as possible, and takes as little", () => {
  for (const [id, service] of all) {
    assert.equal(service.read_only, true, id);
    assert.deepEqual(service.cap_drop, ["ALL"], id);
    assert.deepEqual(service.security_opt, ["no-new-privileges:true"], id);
    assert.ok(service.logging.options["max-size"] && service.logging.options["max-file"], id);
    assert.equal(service.restart, id === "secrets" ? "no" : "unless-stopped", id);
    // Those that are built here have a user of their own.
    if (service.build === undefined) assert.match(service.user ?? "", /^[1-9]\d*:\d+$/u, id);
    if (id === "secrets") continue;
    const { cpus, memory, pids } = service.deploy!.resources.limits;
    assert.ok(Number(cpus) > 0 && /^\d+[MG]$/u.test(memory) && pids > 0, id);
    assert.ok(
      service.build !== undefined || service.healthcheck?.test?.[0] === "CMD",
      `${id} is asked how it is`,
    );
  }
});

Deno.test("only nginx and Grafana are published, on this machine alone unless told otherwise", () => {
  const published = (variables = {}) =>
    Object.entries(readCompose(variables).services).flatMap(([id, { ports = [] }]) =>
      ports.map((port) => [id, port])
    );
  assert.deepEqual(published(), [
    ["nginx", "127.0.0.1:80:8080"],
    ["nginx", "127.0.0.1:443:8443"],
    ["grafana", "127.0.0.1:3000:3000"],
  ]);
  // Grafana speaks plain HTTP, with a password: what publishes nginx does not publish it as well.
  assert.deepEqual(published({ MARKETFLOW_BIND: "0.0.0.0", MARKETFLOW_HTTP_PORT: "8000" }), [
    ["nginx", "0.0.0.0:8000:8080"],
    ["nginx", "0.0.0.0:443:8443"],
    ["grafana", "127.0.0.1:3000:3000"],
  ]);
  assert.deepEqual(published({ GRAFANA_BIND: "10.0.0.1", GRAFANA_PORT: "3001" }), [
    ["nginx", "127.0.0.1:80:8080"],
    ["nginx", "127.0.0.1:443:8443"],
    ["grafana", "10.0.0.1:3001:3000"],
  ]);
  assert.deepEqual([valuesOf(nginx).NGINX_LISTEN, valuesOf(nginx).NGINX_LISTEN_TLS], ["8080", "8443"]);
});

Deno.test("databases are where nobody but the program reaches them, and whoever asks another shares a network", () => {
  const inside = (name: string) =>
    all.filter(([, service]) => networksOf(service).includes(name)).map(([id]) => id);
  assert.deepEqual(inside("store"), ["marketflow", "postgres", "redis"]);
  assert.deepEqual(inside("proxy"), ["marketflow", "nginx"]);
  assert.deepEqual(inside("monitoring"), ["marketflow", "prometheus", "grafana"]);
  for (const name of ["store", "proxy", "monitoring"]) assert.equal(networks[name]?.internal, true, name);
  for (const id of ["postgres", "redis"]) assert.deepEqual(networksOf(services[id]!), ["store"]);
  for (const [id, service] of all) {
    for (const name of networksOf(service)) assert.ok(name in networks, `${id} is in ${name}`);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.ok(other in services, `${id} waits for ${other}`);
      assert.equal(condition === "service_completed_successfully", other === "secrets");
      if (condition === "service_healthy") {
        assert.ok(services[other]!.healthcheck, `${other} is asked how it is`);
      }
    }
  }
  for (const prefix of ["172.30.80", "10.9.9"]) {
    const other = readCompose({ MARKETFLOW_NETWORK: prefix });
    const addressOf = (id: string) =>
      (other.services[id]!.networks as Record<string, { ipv4_address: string }>).proxy!.ipv4_address;
    assert.equal(other.networks.proxy!.ipam!.config[0]!.subnet, `${prefix}.0/28`);
    assert.equal(
      addressOf("nginx"),
      other.services.marketflow!.environment!.MARKETFLOW_SERVER_TRUSTEDPROXIES,
    );
    assert.equal(`${addressOf("marketflow")}:8080`, other.services.nginx!.environment!.MARKETFLOW_UPSTREAM);
  }
});

Deno.test("volumes are declared, files are there, and folders are those that the program uses", () => {
  const used = new Set<string>();
  for (const [id, service] of all) {
    for (const { source, writable } of mountsOf(service)) {
      if (source.startsWith("./")) {
        assert.ok(Deno.statSync(new URL(source, ROOT)), `${id} mounts ${source}`);
        assert.equal(writable, false, `${id} does not write to ${source}`);
      } else used.add(source);
    }
  }
  assert.deepEqual([...used].sort(), Object.keys(volumes).sort());
  const targets = Object.fromEntries(mountsOf(marketflow).map(({ source, target }) => [source, target]));
  assert.deepEqual(targets, {
    data: `/app/${defaults.dataDir}`,
    "secrets-marketflow": "/run/secrets/marketflow",
  });
});

Deno.test("a service sees the secrets that it names, and those alone", async () => {
  const SECRETS = "/run/secrets";
  const folder = await Deno.makeTempDir({ prefix: "marketflow-" });
  try {
    // What is in a volume is what the service `secrets` writes to where it has it.
    const here = (path: string) => path.replace(SECRETS, folder);
    const volumes = mountsOf(services.secrets!);
    for (const { target, writable } of volumes) {
      assert.ok(writable, target);
      await Deno.mkdir(here(target));
    }
    const [, ...args] = services.secrets!.entrypoint!.map(here);
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const contents = new Map(volumes.map(({ source, target }) => {
      return [source, [...Deno.readDirSync(here(target))].map(({ name }) => name)];
    }));

    for (const [id, service] of all) {
      if (id === "secrets") continue;
      const mounts = mountsOf(service).filter(({ source, target }) =>
        contents.has(source) || target.startsWith(SECRETS)
      );
      const seen = mounts.flatMap(({ source, target, writable }) => {
        assert.equal(writable, false, `${id} does not write to ${source}`);
        return contents.get(source)!.map((name) => `${target}/${name}`);
      });
      const named = Object.values(valuesOf(service)).filter((value) => String(value).startsWith(SECRETS));
      assert.deepEqual(seen.sort(), named.sort(), id);
      const chosen = Object.keys(valuesOf(service)).filter((name) => name.startsWith("SECRET_"));
      assert.deepEqual(chosen, [], `${id} is not told of secrets by its environment`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("every variable of the program is a setting, and together they are valid", () => {
  const known = pathsOf(defaults).map(envName).flatMap((name) => [name, `${name}_FILE`]);
  const environment = valuesOf(marketflow);
  for (const name of Object.keys(environment)) {
    assert.ok([...known, "MARKETFLOW_CONFIG"].includes(name), `${name} is a setting`);
  }
  const files: Record<string, string> = {
    "/run/secrets/marketflow/history-url": `postgres://marketflow:${"0".repeat(64)}@postgres:5432/marketflow`,
    "/run/secrets/marketflow/admin-token": "1".repeat(64),
  };
  const loaded = (variables: Record<string, string> = {}) => {
    const env = readCompose(variables).services.marketflow!.environment!;
    const name = env.MARKETFLOW_CONFIG!;
    const file = { name, text: textOf(name) };
    const result = loadSettings({
      file,
      env: (key) => env[key],
      readText: (path) => files[path]!,
      flags: {},
    });
    assert.ok("settings" in result, JSON.stringify(result));
    return result.settings;
  };
  const { mode, server, history, cache } = loaded();
  assert.equal(mode, "live");
  assert.deepEqual(server.hosts, ["marketflow", "localhost"]);
  assert.deepEqual(server.trustedProxies, ["172.30.80.3"]);
  assert.equal(server.adminToken, files["/run/secrets/marketflow/admin-token"]);
  assert.equal(history.url, files["/run/secrets/marketflow/history-url"]);
  assert.equal(cache.url, "redis://redis:6379");
  const named = loaded({ MARKETFLOW_HOSTNAMES: "a.example,b.example", MARKETFLOW_MODE: "test" });
  assert.deepEqual(named.server.hosts, ["marketflow", "a.example", "b.example"]);
  assert.equal(named.mode, "test");
  assert.equal(loaded({ MARKETFLOW_CONFIG: "emulated.yaml" }).venues.bybit.restUrl, "http://127.0.0.1:40201");
  // nginx speaks to the port that the program has, and so does Prometheus.
  assert.ok(valuesOf(nginx).MARKETFLOW_UPSTREAM!.endsWith(`:${server.port}`));
});

Deno.test("nginx gets every variable that its templates have, and no other", () => {
  const texts = templates().map((name) => textOf(`deploy/nginx/templates/${name}`)).join("\n");
  const used = new Set(texts.match(/\$\{(\w+)\}/gu)!.map((one) => one.slice(2, -1)));
  const { NGINX_ENVSUBST_FILTER: filter, ...given } = valuesOf(nginx);
  assert.deepEqual([...used].sort(), Object.keys(given).sort());
  for (const name of used) assert.match(name, new RegExp(filter!, "u"));
  assert.doesNotMatch(fillIn(texts, given), /\$\{/u);
  const targets = mountsOf(nginx).map(({ target }) => target);
  for (const target of ["/etc/nginx/nginx.conf", "/etc/nginx/templates", "/etc/nginx/certs"]) {
    assert.ok(targets.includes(target));
  }
  assert.ok(
    nginx.tmpfs!.some((one) => one.startsWith("/etc/nginx/conf.d")),
    "What is made of templates has a place",
  );
});

Deno.test({
  name: "nginx takes the values that it gets, with TLS and without",
  ignore: nginxIsMissing(),
  async fn() {
    for (const server of ["plain", "tls"] as const) {
      const { MARKETFLOW_UPSTREAM: _, ...given } = readCompose({ MARKETFLOW_TLS: server }).services.nginx!
        .environment!;
      assert.equal(given.NGINX_SERVER, server);
      const listen = { NGINX_LISTEN: `127.0.0.1:${freePort()}`, NGINX_LISTEN_TLS: `127.0.0.1:${freePort()}` };
      const { code, said } = await Nginx.check({
        upstream: 8080,
        server,
        variables: { ...given, ...listen },
      });
      assert.equal(code, 0, said);
    }
  },
});

Deno.test("Prometheus and Grafana find what they read, and each other", () => {
  const { command = [] } = services.prometheus!;
  const [, name] = /^--config\.file=\/etc\/prometheus\/(.+)$/u.exec(command[0]!)!;
  const [job] = parse(textOf(`deploy/prometheus/${name}`)).scrape_configs;
  assert.deepEqual(job.static_configs, [{ targets: [`marketflow:${defaults.server.port}`] }]);
  const targets = mountsOf(services.grafana!).map(({ target }) => target);
  const [source] = parse(textOf("deploy/grafana/provisioning/datasources/prometheus.yaml")).datasources;
  assert.deepEqual([source.type, source.url, source.isDefault], [
    "prometheus",
    "http://prometheus:9090",
    true,
  ]);
  const [provider] = parse(textOf("deploy/grafana/provisioning/dashboards/marketflow.yaml")).providers;
  assert.ok(targets.includes(`${provider.options.path}/marketflow.json`));
  assert.ok(targets.includes("/etc/grafana/provisioning"));
  const [variable] = JSON.parse(textOf("deploy/grafana/marketflow.json")).templating.list;
  assert.deepEqual([variable.type, variable.query], ["datasource", source.type]);
});
