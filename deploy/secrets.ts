/**
 * Secrets of docker-compose.yml: made at the first start, at random, and kept in volumes: one for each service that
 * reads some, below FOLDER by its name, so that no service sees what is another's. So there is no password that everybody
 * knows, and nothing to set before the first start.
 *
 *     deploy/secrets.ts FOLDER              makes those that are not there yet
 *     deploy/secrets.ts FOLDER show NAME    prints one of them
 *
 * A variable such as SECRET_ADMIN_TOKEN takes the place of chance, and of what was made before.
 */
const LEAST_LENGTH = 16;
/** 32 bytes, as hexadecimal digits. */
const RANDOM_BYTES = 32;

interface Secret {
  /** The service that reads it. */
  of: string;
  make(known: ReadonlyMap<string, string>): string;
}

/** By the name of its file, each made of those before it. */
const SECRETS: Readonly<Record<string, Secret>> = {
  "admin-token": { of: "marketflow", make: random },
  "grafana-password": { of: "grafana", make: random },
  "postgres-password": { of: "postgres", make: random },
  // The program takes the password within the address.
  "history-url": {
    of: "marketflow",
    make: (known) =>
      `postgres://marketflow:${encodeURIComponent(known.get("postgres-password")!)}@postgres:5432/marketflow`,
  },
};

function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function leave(problem: string): never {
  console.error(problem);
  Deno.exit(2);
}

/** What is wrong with a secret that somebody chose; it is not repeated. */
function problemOf(secret: string): string | undefined {
  if (secret.length < LEAST_LENGTH) return `Is too short; use at least ${LEAST_LENGTH} characters`;
  if (!/^[\x21-\x7e]*$/u.test(secret)) {
    return "Is not allowed; use letters, digits and signs of ASCII, no spaces";
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Whole or not at all, however this process ends: nobody may write to what one left that ended in between, so that goes
 * first. Users of other containers read it, so everybody in them may.
 */
function write(path: string, secret: string): void {
  removeIfThere(`${path}.new`);
  Deno.writeTextFileSync(`${path}.new`, secret, { mode: 0o444 });
  Deno.renameSync(`${path}.new`, path);
}

function makeAll(folder: string): void {
  const known = new Map<string, string>();
  for (const [name, { of, make }] of Object.entries(SECRETS)) {
    const variable = `SECRET_${name.replaceAll("-", "_").toUpperCase()}`;
    const chosen = Deno.env.get(variable) || undefined;
    const problem = chosen === undefined ? undefined : problemOf(chosen);
    if (problem !== undefined) leave(`${variable}: ${problem}`);
    const path = `${folder}/${of}/${name}`;
    const before = readIfThere(path);
    // An address follows its password; anything else stays as it was made.
    const secret = chosen ?? (make === random ? before || random() : make(known));
    known.set(name, secret);
    if (secret !== before) write(path, secret);
  }
}

const [folder, action, name = ""] = Deno.args;
if (folder === undefined || (action !== undefined && (action !== "show" || !Object.hasOwn(SECRETS, name)))) {
  leave(`Usage: deploy/secrets.ts FOLDER [show ${Object.keys(SECRETS).join("|")}]`);
}
if (action === "show") {
  console.log(readIfThere(`${folder}/${SECRETS[name]!.of}/${name}`) ?? leave(`${name}: Is not made yet`));
} else makeAll(folder);
