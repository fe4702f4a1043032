/** Redis as it is run in earnest: TLS, a user with a password and no more rights than it takes, a database number. */
import assert from "node:assert/strict";
import { open, quote, untilStatus, written } from "./caches.ts";
import { freePort } from "../ports.ts";
import { RedisServer, redisTest } from "./redis_server.ts";

/** What operators may grant: nothing else is used. */
const RIGHTS = [
  "~price:*",
  "~recent:*",
  "~test:price:*",
  "~test:recent:*",
  ..."ping select hset hdel hgetall del pexpire xadd xrevrange".split(" ").map((name) => `+${name}`),
];
const PASSWORD = "a/b:c@d";

/** A certificate for 127.0.0.1 that signs itself. */
async function certificate(folder: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", cert];
  const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, ...files];
  const { success, stderr } = await new Deno.Command("openssl", { args, stdin: "null" }).output();
  if (!success) throw new Error(`openssl made no certificate: ${new TextDecoder().decode(stderr)}`);
  return { cert, key };
}

redisTest("TLS, a user of few rights and a database number, all from the URL", async () => {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-tls-" });
  try {
    const { cert, key } = await certificate(folder);
    const port = freePort();
    const tls = ["--tls-port", String(port), "--tls-cert-file", cert, "--tls-key-file", key];
    const user = ["--user", "flow", "on", `>${PASSWORD}`, "-@all", ...RIGHTS];
    await using server = await RedisServer.start(
      ["--port", "0", ...tls, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no", ...user],
      { port, cliArgs: ["--tls", "--cacert", cert] },
    );
    const place = `flow:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/3`;
    {
      await using cache = open(`rediss://${place}?ca=${cert}`);
      cache.put("live", [quote()]);
      cache.put("test", [quote({ ask: null })]);
      const { url } = await written(cache);
      assert.equal(url, `rediss://flow@127.0.0.1:${port}/3`);
      assert.equal((await cache.latest("live", "kraken", "BTC-USDT"))?.bid, 64000.1);
      assert.equal((await cache.recent("live", "kraken", "BTC-USDT", 0)).length, 1);
      cache.remove("test", [quote()]);
      await written(cache);
      assert.equal(cache.status().error, null);
      assert.equal(await server.cli("-n", "3", "EXISTS", "price:kraken:BTC-USDT"), "1");
      assert.equal(await server.cli("-n", "0", "EXISTS", "price:kraken:BTC-USDT"), "0");
    }
    await using careless = open(`rediss://${place}?skip_verify=true`);
    await written(careless);
    await using careful = open(`rediss://${place}`);
    await untilStatus(
      careful,
      "it refuses the certificate",
      ({ error }) => /certificate|UnknownIssuer/i.test(error ?? ""),
    );
    await using lost = open(`rediss://${place}?ca=${folder}/absent.pem`);
    await untilStatus(lost, "it names the file", ({ error }) => error?.includes("absent.pem") === true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

redisTest("a user without the rights is told which command it may not use", async () => {
  await using server = await RedisServer.start(["--user", "flow", "on", ">secret", "-@all", "+ping", "~*"]);
  await using cache = open(server.url.replace("//", "//flow:secret@"));
  cache.put("live", [quote()]);
  const status = await untilStatus(cache, "it says so", ({ error }) => error?.includes("NOPERM") === true);
  assert.match(status.error!, /hdel|hset/i);
  assert.equal(status.state, "fallback");
});
