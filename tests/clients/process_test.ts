/** The client and the real program, which is killed, started again, and asks for a token. */
import assert from "node:assert/strict";
import { followOpportunities } from "../../clients/ts/mod.ts";
import { protobuf } from "../../clients/ts/protobuf.ts";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { until } from "../program/process.ts";
import { type Program, startProgram } from "../program/program.ts";
import { freePort } from "../ports.ts";
import { Follower } from "./follow.ts";

const TOKEN = "a-token-for-this-test-alone-0123456789";
const CONFIG = { mode: "test" };

async function idsOf(program: Program): Promise<string[]> {
  const { opportunities } = await program.get<{ opportunities: Opportunity[] }>("/opportunities");
  return opportunities.map(({ id }) => id).sort();
}

for (const format of [undefined, protobuf]) {
  const name = format?.subprotocol ?? "JSON";
  Deno.test(`the table is that of the program, of the next one, too, where the first was killed (${name})`, async () => {
    // One that is not given to connections: the client tries to reach it while nobody listens there.
    const port = String(freePort());
    await using first = await startProgram(CONFIG, ["--port", port]);
    using stream = followOpportunities(first.url, { format, firstWaitMs: 20, longestWaitMs: 200 });
    const follower = new Follower(stream);
    const ids = () => [...stream.rows.keys()].sort();
    const agrees = async (program: Program) => {
      const told = await idsOf(program);
      return told.length > 0 && JSON.stringify(told) === JSON.stringify(ids());
    };
    await until("the client has what the API says", () => agrees(first));
    const before = new Set(ids());
    first.process.kill("SIGKILL");
    await first.process.untilEnded();
    await until("the client notices", () => !stream.live);
    await using second = await startProgram(CONFIG, ["--port", port]);
    await until("the client has what the next program says", () => agrees(second));
    assert.ok(ids().every((id) => !before.has(id)), "nothing of the first program is left");
    assert.equal(follower.of("snapshot").length, 2);
    const routes = [...stream.rows.values()].map((one) =>
      `${one.symbol} ${one.buyExchange} ${one.sellExchange}`
    );
    assert.equal(new Set(routes).size, routes.length, "no route is there twice");
  });
}

Deno.test("a program that asks for a token takes the right one, and no client goes on asking with a wrong one", async () => {
  await using program = await startProgram({ ...CONFIG, server: { readToken: TOKEN } });
  for (const token of [undefined, "another-token-0123456789"]) {
    using stream = followOpportunities(program.url, { token });
    const failure = await stream.closed;
    assert.equal(failure?.code, "unauthorized");
    assert.equal(failure?.status, 401);
    assert.match(failure!.message, token ? /not the right one/u : /missing/u);
    assert.ok(!failure!.message.includes("0123456789"));
  }
  using stream = followOpportunities(program.url, { token: TOKEN });
  const follower = new Follower(stream);
  await follower.until("snapshot");
  assert.ok(stream.live);
});
