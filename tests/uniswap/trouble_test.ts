/** How long it takes until pools are quoted again after a trouble of nodes, and which node is left for it. */
import assert from "node:assert/strict";
import { DEFAULT_TUNING } from "../../adapters/venues/_base/tuning.ts";
import { QuoteState } from "../../core/domain/quote.ts";
import { until } from "../program/process.ts";
import { anvilTest } from "../tools/anvil.ts";
import type { Chain } from "./chain.ts";
import { error, said, SYMBOL, withRelays } from "./relays.ts";
import { runPools } from "./running.ts";

anvilTest(
  "after any trouble of a node, with the waits of the program, pools are quoted within two blocks",
  async () => {
    const blockMs = 1_000;
    await withRelays(1, async (chain, _uniswap, [relay], spec) => {
      using running = runPools({ ...spec, blockMs }, [SYMBOL], DEFAULT_TUNING);
      let mined = 0;
      const untilFresh = async (what: string, most: number) => {
        const from = mined;
        while (running.state(SYMBOL) !== QuoteState.fresh) {
          assert.ok(mined - from <= most, `${what}: not quoted after ${mined - from} blocks`);
          await mineOne();
        }
      };
      const mineOne = async () => {
        // No block begins before the one before it is over, however slow the machine is.
        await new Promise((resolve) => setTimeout(resolve, blockMs));
        await chain.mine();
        mined++;
      };
      await untilFresh("at the start", 20);
      for (const trouble of [error(-32005, "limit exceeded"), error(-32603, "Internal error")]) {
        relay!.answer = () => trouble;
        for (let n = 0; n < 8; n++) await mineOne();
        assert.equal(running.state(SYMBOL), QuoteState.stale);
        relay!.answer = () => undefined;
        // The block that is mined first may already be the second one since then.
        await untilFresh(JSON.stringify(trouble), 2);
      }
      assert.equal(relay!.accepted, 1, "heads are told by the same node all the while");
    });
  },
);

/** How long nothing may be published before a node is left, and blocks for three times that. */
const PATIENCE = { blockMs: 100, unpublishedMs: 500 };
async function outwait(chain: Chain): Promise<void> {
  const patienceMs = Math.max(PATIENCE.unpublishedMs, 10 * PATIENCE.blockMs);
  for (const endMs = performance.now() + 3 * patienceMs; performance.now() < endMs;) {
    await chain.mine();
    await new Promise((resolve) => setTimeout(resolve, PATIENCE.blockMs / 2));
  }
}

anvilTest("the node that tells of heads is not left for the trouble of others", async () => {
  await withRelays(2, async (chain, _uniswap, relays, { httpUrls, ...spec }) => {
    const [heads, others] = relays;
    const { blockMs, unpublishedMs } = PATIENCE;
    using running = runPools({ ...spec, blockMs, httpUrls: [httpUrls[1]!] }, [SYMBOL], { unpublishedMs });
    await until("a quote", async () => {
      await chain.mine();
      return running.pool(SYMBOL) !== undefined;
    });
    // Until then it may have been left: a first quote can take longer than this patience.
    const lost = () => said(running, "Connection to a node lost").slice(before);
    const [before, accepted] = [said(running, "Connection to a node lost").length, heads!.accepted];
    others!.answer = ({ method }) => method === "eth_chainId" ? undefined : error(-32603, "Internal error");
    await outwait(chain);
    assert.deepEqual(lost(), []);
    assert.equal(heads!.accepted, accepted);
    others!.answer = () => undefined;
    const { blockNumber } = running.pool(SYMBOL)!;
    await until("a newer quote", async () => {
      await chain.mine();
      return running.pool(SYMBOL)!.blockNumber > blockNumber;
    });
  });
});

for (const [seconds, isLeft] of [[30, false], [3_600, true]] as const) {
  const then = isLeft ? "the node is left" : "the node is kept, since our clock may be wrong";
  anvilTest(`blocks that are ${seconds} s old are not quoted, it is said why, and ${then}`, async () => {
    const timestamp = Math.floor(Date.now() / 1000) - seconds;
    await withRelays(2, async (chain, _uniswap, _relays, spec) => {
      const { blockMs, unpublishedMs } = PATIENCE;
      using running = runPools({ ...spec, blockMs }, [SYMBOL], { unpublishedMs });
      await until("it is said", async () => {
        await chain.mine();
        return said(running, "Pools are not known").some((one) => /s old by this machine's clock/.test(one));
      });
      // As above, it may have been left before that.
      const { length: before } = said(running, "Connection to a node lost");
      await outwait(chain);
      assert.equal(running.pool(SYMBOL), undefined);
      assert.equal(said(running, "Connection to a node lost").length > before, isLeft);
    }, timestamp);
  });
}
