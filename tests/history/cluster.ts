/** A PostgreSQL of a test's own, to be stopped, frozen and misconfigured. */
import { freePort } from "../ports.ts";
import { delay } from "./delay.ts";
import { clientOf } from "./postgres.ts";

/** Where Debian and others keep the programs; the newest version counts. */
function binaries(): string | undefined {
  const folders: string[] = [];
  try {
    for (const { name } of Deno.readDirSync("/usr/lib/postgresql")) {
      folders.push(`/usr/lib/postgresql/${name}/bin`);
    }
  } catch {
    // Not Debian.
  }
  folders.sort((a, b) => parseInt(b.split("/")[4]!) - parseInt(a.split("/")[4]!));
  return [...folders, "/usr/local/bin", "/usr/bin"].find((folder) => exists(`${folder}/initdb`));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether tests that start a server are to be passed over. Under CI they are not: they fail where it is missing. */
export function clusterIsMissing(): boolean {
  if (binaries() !== undefined) return false;
  console.log("PostgreSQL's initdb is not installed: the tests that start a server are ignored");
  return Deno.env.get("CI") !== "true";
}

/** A process as a user that is not root, which PostgreSQL and PgBouncer insist on. */
export function unprivileged(program: string, args: readonly string[]): Deno.Command {
  const command = Deno.uid() === 0
    ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", program, ...args]
    : [program, ...args];
  return new Deno.Command(command[0]!, {
    args: command.slice(1),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
}

/** A folder that an unprivileged process may write to. */
export async function openFolder(prefix: string): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix });
  if (Deno.uid() === 0) await new Deno.Command("chown", { args: ["postgres", folder] }).output();
  return folder;
}

export interface ClusterOptions {
  /** Lines of postgresql.conf. */
  settings?: readonly string[];
  /** Lines of pg_hba.conf that come before trusting everyone on loopback. */
  access?: readonly string[];
  /** With a certificate for `localhost` that it signed itself. */
  tls?: boolean;
}

export class Cluster implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  #process: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(await openFolder("cluster_"), freePort());
    const { data } = cluster;
    const made = await unprivileged(`${binaries()}/initdb`, ["-D", data, "-U", "root", "-A", "trust", "-N"])
      .output();
    if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
    const settings = [
      "listen_addresses = '127.0.0.1'",
      `port = ${cluster.port}`,
      `unix_socket_directories = '${cluster.folder}'`,
      "fsync = off",
      ...(options.settings ?? []),
    ];
    if (options.tls) {
      await cluster.#certificate();
      settings.push(
        "ssl = on",
        `ssl_cert_file = '${cluster.certificate}'`,
        `ssl_key_file = '${cluster.folder}/key.pem'`,
      );
    }
    Deno.writeTextFileSync(`${data}/postgresql.conf`, settings.join("\n") + "\n", { append: true });
    const access = [...(options.access ?? []), "host all all 127.0.0.1/32 trust"];
    Deno.writeTextFileSync(`${data}/pg_hba.conf`, access.join("\n") + "\n");
    await cluster.start();
    return cluster;
  }

  get data(): string {
    return `${this.folder}/data`;
  }

  get certificate(): string {
    return `${this.folder}/certificate.pem`;
  }

  get url(): string {
    return `postgres://root@127.0.0.1:${this.port}/postgres`;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    this.#process = unprivileged(`${binaries()}/postgres`, ["-D", this.data]).spawn();
    // Nobody reads it, and a full pipe would stop the server.
    this.#process.stderr.pipeTo(new WritableStream()).catch(() => {});
    for (let tries = 0;; tries++) {
      const sql = clientOf(this.url);
      try {
        await sql`select 1`;
        return;
      } catch (error) {
        if (tries > 600) throw error;
        await delay(50);
      } finally {
        await sql.end({ timeout: 1 });
      }
    }
  }

  /** Ends it as a crash would: nothing is finished, nobody is told. */
  async crash(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    process.kill("SIGQUIT");
    await process.status;
  }

  /** Stops all of its processes from running, the connections stay open. */
  freeze(): Promise<void> {
    return this.#signal("SIGSTOP");
  }

  thaw(): Promise<void> {
    return this.#signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) await this.thaw();
    await this.crash();
    Deno.removeSync(this.folder, { recursive: true });
  }

  /** The server's and those that it started. */
  async #signal(signal: Deno.Signal): Promise<void> {
    const server = this.#process!.pid;
    const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(server)] }).output();
    const started = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "").map(Number);
    for (const pid of [server, ...started]) {
      try {
        Deno.kill(pid, signal);
      } catch {
        // It has ended.
      }
    }
  }

  async #certificate(): Promise<void> {
    const key = `${this.folder}/key.pem`;
    const args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    args.push("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", this.certificate);
    const made = await new Deno.Command("openssl", { args, stderr: "piped" }).output();
    if (!made.success) throw new Error(new TextDecoder().decode(made.stderr));
    if (Deno.uid() === 0) {
      await new Deno.Command("chown", { args: ["postgres", key, this.certificate] }).output();
    }
  }
}
