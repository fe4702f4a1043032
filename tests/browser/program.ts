/** The real program as a process of its own, in test mode; live mode leads to a port where nobody listens. */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const START_WITHIN_MS = 60_000;

const NOBODY = "127.0.0.1:9";
const CONFIG = `
mode: test
venues:
  bybit: { wsUrl: "ws://${NOBODY}/v5/public/spot", restUrl: "http://${NOBODY}" }
  okx: { wsUrl: "ws://${NOBODY}/ws/v5/public", restUrl: "http://${NOBODY}" }
  gateio: { wsUrl: "ws://${NOBODY}/ws/v4/", restUrl: "http://${NOBODY}" }
  kraken: { wsUrl: "ws://${NOBODY}/v2", restUrl: "http://${NOBODY}" }
  uniswap-v2: { wsUrl: "ws://${NOBODY}", httpUrl: "http://${NOBODY}" }
  uniswap-v3: { wsUrl: "ws://${NOBODY}", httpUrl: "http://${NOBODY}" }
`;

/** Disposing stops it as an operator would, and waits until it is gone. */
export interface Program extends AsyncDisposable {
  url: string;
  port: number;
}

/** Starts main.ts and waits until it serves. Port 0 is any free one; `env` is added to the environment. */
export async function startProgram(port = 0, env: Record<string, string> = {}): Promise<Program> {
  assert.ok(isBundled(), "The islands are not bundled; run `deno task bundle` first");
  const config = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(config, CONFIG);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--lock=tests/deno.lock",
      "--no-prompt",
      // What the task may do must be enough, beside reading a configuration from elsewhere.
      ...project.tasks.run.command.match(/--allow-\S+/gu)!
        .map((flag) => flag.startsWith("--allow-read=") ? `${flag},${config}` : flag),
      "main.ts",
      "--config",
      config,
      "--port",
      String(port),
    ],
    cwd: ROOT,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const timer = setTimeout(() => process.kill("SIGKILL"), START_WITHIN_MS);
  const { url, rest } = await readyUrl(process.stdout).finally(() => clearTimeout(timer));
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    process.kill("SIGTERM");
    await Promise.all([process.status, rest]);
    await Deno.remove(config);
  };
  return { url, port: Number(new URL(url).port), [Symbol.asyncDispose]: () => stopped ??= stop() };
}

/** Reads the log up to the line with the address, and the rest in the background, so that the pipe never fills. */
async function readyUrl(log: ReadableStream<Uint8Array>): Promise<{ url: string; rest: Promise<void> }> {
  const reader = log.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The program ended before it served. Its log:\n${text}`);
    text += value;
    const url = /http:\/\/127\.0\.0\.1:\d+/u.exec(text)?.[0];
    if (url !== undefined) return { url, rest: drain(reader) };
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

function isBundled(): boolean {
  try {
    return [...Deno.readDirSync(new URL("static/dist", ROOT))].some((entry) => entry.name.endsWith(".js"));
  } catch {
    return false;
  }
}
