/** A PostgreSQL of a test's own: a cluster in a temporary folder that can be stopped, killed and started again. */
import { pause, until } from "../process.ts";
import { Sql } from "./sql.ts";
import { freePort } from "../../ports.ts";

const folders = await binaries();
const present = folders.length > 0;
if (!present && Deno.env.get("CI") === "true") {
  throw new Error("PostgreSQL is needed: install postgresql (Debian, Ubuntu), .ci/run does");
}
/** Says in a test's name why it is ignored. */
export const WITHOUT_POSTGRES = present ? "" : " (skipped: PostgreSQL is not installed)";

/** PostgreSQL refuses to run as root; then it runs as the user that its package made. */
const owner = Deno.build.os === "linux" && Deno.uid() === 0 ? await userId("postgres") : undefined;

export class PostgresServer implements AsyncDisposable {
  readonly port = freePort();
  readonly #folder: string;
  #server: Deno.ChildProcess | undefined;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<PostgresServer> {
    const folder = await Deno.makeTempDir({ prefix: "marketflow-postgres-" });
    if (owner !== undefined) await Deno.chown(folder, owner, owner);
    const server = new PostgresServer(folder);
    const made = await command("initdb", [
      ...["-D", `${folder}/data`, "-U", "marketflow", "-A", "trust", "-E", "UTF8", "--locale", "C"],
      "--no-sync",
    ]).output();
    if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
    await server.start();
    return server;
  }

  get url(): string {
    return this.urlAt(this.port);
  }

  /** As it is reached through a proxy on another port. */
  urlAt(port: number): string {
    return `postgres://marketflow@127.0.0.1:${port}/postgres`;
  }

  get running(): boolean {
    return this.#server !== undefined;
  }

  /** Starts it and waits until it answers. After a kill, what the killed one left has to go first: so it may take some tries. */
  async start(): Promise<void> {
    await until("the PostgreSQL of the test answers", async () => {
      this.#server ??= this.#spawn();
      if (await this.#answers()) return true;
      const ended = await Promise.race([this.#server.status, pause(100)]);
      if (ended !== undefined) this.#server = undefined;
      return false;
    });
  }

  /** Kills it without a chance to say goodbye, as a crash does; what it has committed is there after `start`. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    try {
      server?.kill("SIGKILL");
    } catch { /* It has ended. */ }
    await server?.status;
  }

  sql(): Sql {
    return Sql.postgres(this.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    try {
      // Immediate shutdown: its processes end, too.
      server?.kill("SIGQUIT");
    } catch { /* It has ended. */ }
    await server?.status;
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  #spawn(): Deno.ChildProcess {
    const settings = [
      `port=${this.port}`,
      "listen_addresses=127.0.0.1",
      "unix_socket_directories=",
      "shared_buffers=32MB",
      "max_connections=30",
    ];
    const args = ["-D", `${this.#folder}/data`, ...settings.flatMap((one) => ["-c", one])];
    return command("postgres", args).spawn();
  }

  async #answers(): Promise<boolean> {
    const { success } = await command("pg_isready", ["-q", "-h", "127.0.0.1", "-p", `${this.port}`]).output();
    return success;
  }
}

function command(name: string, args: string[]): Deno.Command {
  return new Deno.Command(`${folders[0]}/${name}`, {
    args,
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: name === "initdb" ? "piped" : "null",
    ...(owner !== undefined && { uid: owner, gid: owner }),
  });
}

async function userId(name: string): Promise<number> {
  const { stdout } = await new Deno.Command("id", { args: ["-u", name] }).output();
  return Number(new TextDecoder().decode(stdout));
}

/** Folders with initdb and postgres, the newest version first; Debian has them outside of PATH. */
async function binaries(): Promise<string[]> {
  const inPath = (Deno.env.get("PATH") ?? "").split(":");
  const debian: string[] = [];
  try {
    for await (const { name } of Deno.readDir("/usr/lib/postgresql")) debian.push(name);
  } catch { /* Another system. */ }
  debian.sort((a, b) => Number(b) - Number(a));
  const found: string[] = [];
  for (const folder of [...debian.map((version) => `/usr/lib/postgresql/${version}/bin`), ...inPath]) {
    const whole = await Promise.all(
      ["initdb", "postgres", "pg_isready"].map((name) => isFile(`${folder}/${name}`)),
    );
    if (whole.every(Boolean)) found.push(folder);
  }
  return found;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
