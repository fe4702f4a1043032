/** A real nginx (Debian's package `nginx`) with the settings that are shipped, on ports of a test's own. */
import assert from "node:assert/strict";
import { PATIENCE_MS, until } from "../program/process.ts";
import { freePort } from "../ports.ts";

const SHIPPED = new URL("../../deploy/nginx/", import.meta.url);
const PLACES = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"];
/** Nobody; the image has a user of its own, which may as little. */
const NOBODY = 65_534;

/** The values of docker-compose.yml that tests do not care about. */
const USUAL = {
  NGINX_PUBLIC_TLS_PORT: "443",
  NGINX_REQUESTS_PER_SECOND: "1000",
  NGINX_REQUEST_BURST: "1000",
  NGINX_STREAMS_PER_ADDRESS: "1000",
};

/** Of the program nginx; where there is none, undefined. */
export const place = PLACES.find(isFile);

/** Where it is missing, or what the tests ask it with, they are passed over. Under CI they are not: they fail. */
export function nginxIsMissing(): boolean {
  const missing = [
    ...(place === undefined ? ["nginx"] : []),
    ...["curl", "openssl", "wget"].filter((tool) => !runs(tool)),
  ];
  if (missing.length === 0) return false;
  console.log(`Not installed: ${missing.join(", ")}. The tests of nginx are ignored`);
  return Deno.env.get("CI") !== "true";
}

export function runs(tool: string): boolean {
  try {
    new Deno.Command(tool, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

export interface NginxOptions {
  /** Port of the program. */
  upstream: number;
  server?: "plain" | "tls";
  variables?: Record<string, string>;
}

/** What the image does to templates at its start: `${NAME}` becomes the variable, where there is one. */
export function fillIn(template: string, variables: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\$\{(\w+)\}/gu, (all, name: string) => variables[name] ?? all);
}

export class Nginx implements AsyncDisposable {
  readonly port: number;
  readonly tlsPort: number;
  readonly url: string;
  readonly tlsUrl: string;
  /** Of the certificate, which signs itself. */
  readonly certificate: string;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  #ended = false;

  private constructor(folder: string, ports: { plain: number; tls: number }) {
    this.#folder = folder;
    this.port = ports.plain;
    this.tlsPort = ports.tls;
    this.url = `http://127.0.0.1:${ports.plain}`;
    this.tlsUrl = `https://localhost:${ports.tls}`;
    this.certificate = `${folder}/etc/certs/fullchain.pem`;
    this.#child = command(folder, ["-g", "daemon off;"]).spawn();
    this.#child.status.then(() => this.#ended = true);
  }

  /** Its requests so far. Each line must be JSON. */
  get log(): Record<string, unknown>[] {
    const lines = Deno.readTextFileSync(`${this.#folder}/run/stdout`).split("\n");
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  }

  get errors(): string {
    return Deno.readTextFileSync(`${this.#folder}/run/stderr`);
  }

  /** Resolves when it listens. */
  static async start(options: NginxOptions): Promise<Nginx> {
    const { folder, ports } = await arrange(options);
    const nginx = new Nginx(folder, ports);
    try {
      // It writes this when it listens.
      await until("nginx listens or ends", () => nginx.#ended || isFile(`${folder}/run/nginx.pid`));
      assert.ok(!nginx.#ended, "It ended");
      return nginx;
    } catch (error) {
      const { errors } = nginx;
      await nginx[Symbol.asyncDispose]();
      throw new Error(`nginx did not start: ${errors}`, { cause: error });
    }
  }

  /** What `nginx -t` says of the settings. */
  static async check(options: NginxOptions): Promise<{ code: number; said: string }> {
    const { folder } = await arrange(options);
    const { code } = await command(folder, ["-t"]).output();
    const said = await Deno.readTextFile(`${folder}/run/stderr`);
    await Deno.remove(folder, { recursive: true });
    return { code, said };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE_MS);
    try {
      this.#child.kill("SIGTERM");
    } catch { /* It has ended. */ }
    await this.#child.status;
    clearTimeout(timer);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** A folder as the image has it: settings in `etc`, and a place to write to in `run`. */
async function arrange({ upstream, server = "plain", variables = {} }: NginxOptions) {
  const folder = await Deno.makeTempDir({ prefix: "marketflow-nginx-" });
  const ports = { plain: freePort(), tls: freePort() };
  for (const part of ["run", "etc/conf.d/servers", "etc/certs"]) {
    await Deno.mkdir(`${folder}/${part}`, { recursive: true });
  }
  await Deno.copyFile(new URL("nginx.conf", SHIPPED), `${folder}/etc/nginx.conf`);
  const all = {
    ...USUAL,
    MARKETFLOW_UPSTREAM: `127.0.0.1:${upstream}`,
    NGINX_SERVER: server,
    NGINX_LISTEN: `127.0.0.1:${ports.plain}`,
    NGINX_LISTEN_TLS: `127.0.0.1:${ports.tls}`,
    ...variables,
  };
  for (const name of templates()) {
    const text = fillIn(await Deno.readTextFile(new URL(`templates/${name}`, SHIPPED)), all);
    await Deno.writeTextFile(`${folder}/etc/conf.d/${name.replace(/\.template$/u, "")}`, text);
  }
  if (server === "tls") await certify(`${folder}/etc/certs`);
  if (Deno.uid() === 0) {
    await Deno.chmod(folder, 0o755);
    for (const path of ["run", "etc/certs/privkey.pem"]) {
      if (path === "run" || server === "tls") await Deno.chown(`${folder}/${path}`, NOBODY, NOBODY);
    }
  }
  return { folder, ports };
}

/** Paths of all templates in their folder. */
export function templates(under = ""): string[] {
  return [...Deno.readDirSync(new URL(`templates/${under}`, SHIPPED))].flatMap(({ name, isDirectory }) =>
    isDirectory ? templates(`${under}${name}/`) : [`${under}${name}`]
  );
}

/**
 * The command of docker-compose.yml with other folders, as a user without rights. nginx opens `/dev/stdout` anew, which
 * a container lets its user do, and a pipe of somebody else does not: here it is a file.
 */
function command(folder: string, args: readonly string[]): Deno.Command {
  const own = [place!, "-p", `${folder}/run/`, "-c", `${folder}/etc/nginx.conf`, ...args];
  const into = ["sh", "-c", 'exec "$@" >stdout 2>stderr', "sh", ...own];
  const all = Deno.uid() === 0
    ? ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", ...into]
    : into;
  return new Deno.Command(all[0]!, {
    args: all.slice(1),
    cwd: `${folder}/run`,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
}

/** Puts a certificate for this machine, which signs itself, where nginx looks for one. */
export async function certify(folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [
      ...[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
      ],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", `${folder}/privkey.pem`, "-out", `${folder}/fullchain.pem`],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, `openssl made no certificate: ${new TextDecoder().decode(stderr)}`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
