/** Readers of streams, some slow and some not reading, in small; in large, for minutes and with figures: tests/soak/streams.ts. */
import assert from "node:assert/strict";
import { Nginx, nginxIsMissing } from "../deploy/nginx.ts";
import { streams, type StreamsOptions } from "./streams/streams.ts";
import { verdicts } from "./streams/verdicts.ts";

/** All of it is less than what may wait for a reader before it is conflated, however busy the machine is. */
const QUOTES = 150;

async function check(options: Partial<StreamsOptions> = {}): Promise<void> {
  const report = await streams({ clients: 50, quotes: QUOTES, everyMs: 10, ...options });
  assert.ok(report.events >= 50, `Only ${report.events} events were published`);
  for (const { what, holds, found } of verdicts(report)) {
    assert.ok(holds, `It does not hold that ${what}: ${found}`);
  }
}

Deno.test("readers of streams get every event while others are slow or do not read, and all end with what is open", async () => {
  await check();
});

Deno.test({
  name: "behind nginx readers of streams get every event as well",
  ignore: nginxIsMissing(),
  fn: () =>
    check({
      front: ({ url }) => Nginx.start({ upstream: Number(new URL(url).port) }),
    }),
});
