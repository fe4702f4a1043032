/** Runs a program that has to bring all it needs along, in a folder of its own, and asks for all of it. */
import assert from "node:assert/strict";
import type { Health } from "../../core/app/market.ts";
import { until } from "../program/process.ts";

export async function runsWhole(
  command: string,
  args: readonly string[],
  { folder, env }: { folder: string; env: Record<string, string> },
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const process = new Deno.Command(command, {
    args: [...args, "--mode=test", "--port=0"],
    cwd: folder,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const said: string[] = [];
  const listening = Promise.all([process.stdout, process.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) said.push(text);
  }));
  let running = true;
  const ended = process.status.finally(() => running = false);
  try {
    const url = await until("it is ready", () => {
      assert.ok(running, `It ended: ${said.join("")}`);
      return /"url":"([^"]+)"/u.exec(said.join(""))?.[1];
    });
    const get = async (path: string) => {
      const response = await fetch(url + path);
      const text = await response.text();
      assert.equal(response.status, 200, `${path}: ${text}`);
      assert.notEqual(text, "", path);
      return text;
    };
    // The workers of the venues, and that of the archive with its migrations.
    const health = async (): Promise<Health> => await (await fetch(`${url}/health`)).json();
    const { problems } = await until("all is well", health, ({ status }) => status === "ok");
    assert.deepEqual(problems, []);
    // That of the history.
    await get("/prices/history/BTC-USDT?interval=1m");
    // Pages with their style sheets and scripts, and what was generated.
    for (const page of ["/", "/pairs/BTC-USDT", "/docs"]) {
      const own = [...(await get(page)).matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg)[^"]*)"/gu)];
      assert.ok(own.length >= 2, page);
      for (const [, path] of own) await get(path!);
    }
    assert.match(await get("/openapi.json"), /"openapi":"3\.1/u);
    assert.match(await get("/metrics"), /^marketflow_/mu);
    assert.deepEqual(
      ["history.sqlite", "outbox.sqlite"].filter((name) => !exists(`${folder}/data/${name}`)),
      [],
    );
    process.kill("SIGTERM");
    assert.equal((await ended).code, 0, said.join(""));
  } finally {
    if (running) process.kill("SIGKILL");
    await ended;
    await listening;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
