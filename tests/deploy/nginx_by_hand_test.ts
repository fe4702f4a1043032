/** What docs/containers.md says of an nginx without containers: its own commands, with folders and ports of a test's own. */
import assert from "node:assert/strict";
import { until } from "../program/process.ts";
import { freePort } from "../ports.ts";
import { curl } from "./curl.ts";
import { certify, nginxIsMissing, place, runs, templates } from "./nginx.ts";
import { ROOT } from "./program_files.ts";

const docs = Deno.readTextFileSync(new URL("docs/containers.md", ROOT));
const section = docs.split("\n## nginx without containers\n")[1]!.split("\n## ")[0]!;
const block = /^```sh\n(.*?)^```$/msu.exec(section)![1]!;

const envsubstIsMissing = !runs("envsubst");
if (envsubstIsMissing) {
  const said = "envsubst is needed for the documented commands: install gettext-base (Debian, Ubuntu)";
  if (Deno.env.get("CI") === "true") throw new Error(said);
  console.warn(`Skipped: ${said}`);
}
const ignore = nginxIsMissing() || envsubstIsMissing;

Deno.test("the documented commands fill in every template, and every variable in it", async () => {
  const files = /^for file in (.*); do$/mu.exec(block)![1]!.split(" ");
  assert.deepEqual(files.map((file) => `${file}.conf.template`).sort(), templates().sort());
  const folder = new URL("deploy/nginx/templates/", ROOT);
  const texts = await Promise.all(templates().map((name) => Deno.readTextFile(new URL(name, folder))));
  const used = new Set(texts.join().match(/\$\{\w+\}/gu)!.map((one) => one.slice(2, -1)));
  const named = /^names='([^']*)'$/mu.exec(block)![1]!.split(/\s+/u).map((one) => one.slice(1));
  assert.deepEqual(named.sort(), [...used].sort());
  for (const name of named) assert.match(block, new RegExp(`\\b${name}=`, "u"), `${name} has a value`);
});

Deno.test({ name: "nginx answers by TLS after the documented commands", ignore }, async () => {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-by-hand-" });
  await using upstream = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => new Response(`The program at ${new URL(url).pathname}`),
  );
  const ports = { plain: freePort(), tls: freePort() };
  // Workers of an nginx that root starts are somebody else.
  await Deno.chmod(folder, 0o755);
  await Deno.mkdir(`${folder}/certs`);
  await certify(`${folder}/certs`);
  const own: [string, string][] = [
    ["/srv/nginx", folder],
    ["MARKETFLOW_UPSTREAM=127.0.0.1:8080", `MARKETFLOW_UPSTREAM=127.0.0.1:${upstream.addr.port}`],
    ["NGINX_LISTEN=80 ", `NGINX_LISTEN=127.0.0.1:${ports.plain} `],
    ["NGINX_LISTEN_TLS=443 ", `NGINX_LISTEN_TLS=127.0.0.1:${ports.tls} `],
    // What is sent a signal is to be nginx itself.
    ["\nnginx ", `\nexec ${place} `],
  ];
  const commands = own.reduce((text, [theirs, ours]) => {
    assert.ok(text.includes(theirs), `The commands have no ${theirs}`);
    return text.replaceAll(theirs, ours);
  }, block);
  let ended = false;
  const child = new Deno.Command("sh", {
    args: ["-euc", `exec >'${folder}/log' 2>&1\n${commands}`],
    cwd: ROOT,
    stdin: "null",
  }).spawn();
  child.status.then(() => ended = true);
  const log = () => Deno.readTextFile(`${folder}/log`);
  const trust = ["--cacert", `${folder}/certs/fullchain.pem`];
  try {
    const ask = () => curl(`https://localhost:${ports.tls}/health`, "--ipv4", ...trust);
    const answer = await until(
      "it answers, or ends",
      async () => ended || await ask(),
      (said) => said === true || said.status !== 0,
    );
    assert.ok(answer !== true, `It ended: ${await log()}`);
    assert.deepEqual([answer.status, answer.body], [200, "The program at /health"]);
    const plain = await curl(`http://127.0.0.1:${ports.plain}/health`, "--header", "Host: localhost");
    assert.equal(plain.headers.get("location"), "https://localhost/health");
  } finally {
    if (!ended) child.kill("SIGTERM");
    await child.status;
    await Deno.remove(folder, { recursive: true });
  }
});
