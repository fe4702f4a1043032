/** The contract behind a pooler in transaction mode, where two transactions hardly ever see the same connection. */
import { contract } from "./contract.ts";
import { freePort } from "../ports.ts";
import { openFolder, unprivileged } from "./cluster.ts";
import { clientOf, freshPostgres, SERVER, serverIsMissing } from "./postgres.ts";
import { delay } from "./delay.ts";

const PROGRAM = "/usr/sbin/pgbouncer";
const missing = await isMissing();
let pooler: Promise<{ port: number; stop(): Promise<void> }> | undefined;

Deno.test.afterAll(async () => await (await pooler)?.stop());

contract("PostgreSQL behind PgBouncer", async () => {
  pooler ??= start();
  const { port } = await pooler;
  return await freshPostgres(SERVER, (url) => {
    const through = new URL(url);
    through.port = String(port);
    return through.href;
  });
}, missing);

/** It is no part of what the program needs, so it may be missing everywhere. */
async function isMissing(): Promise<boolean> {
  try {
    Deno.statSync(PROGRAM);
    return await serverIsMissing();
  } catch {
    console.log(`${PROGRAM} is not installed: its tests are ignored (package pgbouncer)`);
    return true;
  }
}

async function start(): Promise<{ port: number; stop(): Promise<void> }> {
  const folder = await openFolder("pgbouncer_");
  const port = freePort();
  const { hostname, port: serverPort, username } = new URL(SERVER);
  const settings = [
    "[databases]",
    `* = host=${hostname} port=${serverPort || 5432} user=${username}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = any",
    "pool_mode = transaction",
    "default_pool_size = 4",
    // A new connection for each transaction: nothing can be left over from the one before.
    "server_lifetime = 0",
  ];
  Deno.writeTextFileSync(`${folder}/pgbouncer.ini`, settings.join("\n") + "\n");
  const process = unprivileged(PROGRAM, [`${folder}/pgbouncer.ini`]).spawn();
  process.stderr.pipeTo(new WritableStream()).catch(() => {});
  const address = new URL(SERVER);
  address.port = String(port);
  for (let tries = 0;; tries++) {
    const sql = clientOf(address.href);
    try {
      await sql`select 1`.simple();
      break;
    } catch (error) {
      if (tries > 600) throw error;
      await delay(50);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  return {
    port,
    async stop() {
      process.kill("SIGQUIT");
      await process.status;
      Deno.removeSync(folder, { recursive: true });
    },
  };
}
