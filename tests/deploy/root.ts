/** A process in a root of its own, by namespaces of Linux: what it does not have there it cannot reach. */
import { collect, until } from "../program/process.ts";

/** What of this machine is there. */
export interface Mounts {
  /** Programs besides deno: a shell, `mkdir` and so on. */
  programs: boolean;
  /** Where deno is. */
  deno: string;
}

export interface Place {
  folder: string;
  mounts: Mounts;
  env: Readonly<Record<string, string>>;
  workdir: string;
  /** `uid:gid`. */
  user: string;
}

export interface Running extends AsyncDisposable {
  readonly stdout: string[];
  readonly ended: Promise<{ code: number; said: string }>;
  kill(signal: Deno.Signal): void;
  /** The first line that fits; fails where the process ends before. */
  line(what: string, fits: (line: string) => boolean): Promise<string>;
}

export interface RootOptions {
  env?: Record<string, string>;
  /** Folders of this machine by where they are to be. Everything else is read-only then. */
  volumes?: Record<string, string>;
}

/** What leads to the registry of packages from here; an engine hands some of them on, too. */
const PASSED_ON = [
  ...[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NPM_CONFIG_REGISTRY",
  ],
  ...["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "DENO_CERT", "DENO_TLS_CA_STORE"],
];

/** Whether tests that need one are to be passed over: it takes root. Where the tool is missing they fail under CI. */
export async function rootsAreMissing(): Promise<boolean> {
  const probe = ["--mount", "--root=/", "--wd=/", "--setgid=65532", "--setuid=65532", "true"];
  try {
    const { success } = await new Deno.Command("unshare", { args: probe, stdout: "null", stderr: "null" })
      .output();
    if (!success) console.log("This user may not give a process a root of its own: those tests are ignored");
    return !success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("unshare is not installed: the tests of images are ignored (package util-linux)");
    return Deno.env.get("CI") !== "true";
  }
}

/**
 * Starts it. With `volumes` as an engine does with `read_only`, without root's rights and without a way to get them;
 * without, as it performs a step.
 */
export function inRoot(
  place: Place,
  command: readonly string[],
  { env = {}, volumes }: RootOptions = {},
): Running {
  const { folder, mounts, workdir, user } = place;
  const [uid, gid] = user.split(":");
  const passed = Object.fromEntries(
    PASSED_ON.flatMap((name) =>
      volumes === undefined && Deno.env.has(name) ? [[name, Deno.env.get(name)!]] : []
    ),
  );
  const child = new Deno.Command("unshare", {
    args: [
      ...["--mount", "--propagation=private", "sh", "-euc", script(folder, mounts, volumes), "sh"],
      ...(volumes === undefined ? [] : ["setpriv", "--no-new-privs"]),
      ...["unshare", `--root=${folder}`, `--wd=${workdir}`, `--setgid=${gid}`, `--setuid=${uid}`],
      ...command,
    ],
    clearEnv: true,
    env: { ...passed, ...place.env, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return follow(child);
}

/** Every process becomes the next one, so that signals reach the last. What is of this machine cannot be written to. */
function script(folder: string, { programs, deno }: Mounts, volumes: RootOptions["volumes"]): string {
  const lines = [`cd '${folder}'`, "mount --bind . .", `cd '${folder}'`, "mkdir -p -m 1777 tmp"];
  const bind = (from: string, to: string) => {
    lines.push(`mkdir -p '.${to}'`, `mount --bind '${from}' '.${to}'`);
  };
  const lend = (path: string) => {
    bind(path, path);
    lines.push(`mount -o remount,bind,ro '.${path}'`);
  };
  // In / are links to what is in /usr.
  for (const name of ["lib", "lib64", ...(programs ? ["bin", "sbin"] : [])]) {
    lines.push(`[ ! -L /${name} ] || ln -sfn usr/${name} ${name}`);
  }
  if (programs) lend("/usr");
  else {
    lend("/usr/lib");
    lines.push("[ ! -d /usr/lib64 ] || { mkdir -p usr/lib64; mount --bind /usr/lib64 usr/lib64; }");
  }
  lend("/etc");
  bind("/proc", "/proc");
  bind("/dev", "/dev");
  if (programs) lines.push("mount -t tmpfs tmpfs usr/local/bin");
  lines.push("mkdir -p bin".slice(0, programs ? 0 : undefined));
  lines.push(`touch '.${deno}'`, `mount --bind '${Deno.execPath()}' '.${deno}'`);
  if (volumes !== undefined) {
    for (const [to, from] of Object.entries(volumes)) bind(from, to);
    lines.push("mount -t tmpfs tmpfs tmp", "mount -o remount,bind,ro .");
  }
  return [...lines, 'exec "$@"'].join("\n");
}

function follow(child: Deno.ChildProcess): Running {
  const stdout: string[] = [];
  const stderr: string[] = [];
  let running = true;
  const ended = Promise.all([child.status, collect(child.stdout, stdout), collect(child.stderr, stderr)])
    .then(([{ code }]) => {
      running = false;
      return { code, said: [...stdout, ...stderr].join("\n") };
    });
  const kill = (signal: Deno.Signal) => {
    if (running) child.kill(signal);
  };
  return {
    stdout,
    ended,
    kill,
    line: async (what, fits) => {
      const found = () => stdout.find(fits);
      await until(`it says ${what}`, () => found() !== undefined || !running);
      if (found() === undefined) throw new Error(`It ended before it said ${what}: ${(await ended).said}`);
      return found()!;
    },
    async [Symbol.asyncDispose]() {
      kill("SIGKILL");
      await ended;
    },
  };
}
