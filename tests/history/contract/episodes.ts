/** The contract of the port `History`: episodes. */
import assert from "node:assert/strict";
import type { Episode } from "../../../core/domain/episode.ts";
import { type EpisodesQuery } from "../../../core/ports/history.ts";
import { seed } from "../../core/seed.ts";
import { seeded } from "../../random.ts";
import { DAY0, episode } from "../records.ts";
import { DAY, episodes, latestFirst, range } from "./questions.ts";
import type { Test } from "../contract.ts";

export function episodeTests(test: Test): void {
  test("of two episodes with the same id the later stays, in one batch and over two", async (history) => {
    const random = seeded(seed);
    const [one, two, three] = range(3).map((n) => episode(random, "same", { buyFeeBps: n }));
    await history.write({ minutes: [], episodes: [one!, two!] });
    assert.deepEqual(await episodes(history, {}), [two]);
    await history.write({ minutes: [], episodes: [three!] });
    assert.deepEqual(await episodes(history, {}), [three]);
  });

  test("episodes come latest closed first, of equal ones by id from high to low, and go on after any", async (history) => {
    const random = seeded(seed);
    const kept = range(2300).map((n) => {
      const closed = DAY0 + Math.floor(random() * 300) * 0.125;
      const one = episode(random, `id-${n}`);
      return { ...one, end: { ...one.end, time: closed } };
    });
    await history.write({ minutes: [], episodes: kept });
    const expected = [...kept].sort(latestFirst);
    const pages: Episode[][] = [];
    for await (const page of history.episodes({ mode: "live" })) pages.push(page);
    assert.ok(pages.length > 2 && pages.every(({ length }) => length > 0 && length <= 2000));
    assert.deepEqual(pages.flat(), expected);
    for (const limit of [1, 7, 999, 1000, 1001, 2000, 2300, 5000]) {
      assert.deepEqual(await episodes(history, { limit }), expected.slice(0, limit));
    }
    for (const n of [0, 1, 999, 1000, 2298, 2299]) {
      const { id, end } = expected[n]!;
      const rest = await episodes(history, { after: { closedAt: end.time, id } });
      assert.deepEqual(rest, expected.slice(n + 1));
    }
  });

  test("episodes are filtered by symbol, exchange on either leg, reason, edge at the peak and closing time", async (history) => {
    const random = seeded(seed);
    const venues = ["kraken", "bybit", "okx"];
    const kept = range(300).map((n) =>
      episode(random, `id-${n}`, {
        mode: random() < 0.5 ? "live" : "test",
        symbol: random() < 0.5 ? "BTC-USDT" : "ETH-USDT",
        buyExchange: venues[Math.floor(random() * 3)]!,
        sellExchange: venues[Math.floor(random() * 3)]!,
        reason: random() < 0.5 ? "leg_stale" : "below_threshold",
      })
    );
    await history.write({ minutes: [], episodes: kept });
    const from = DAY0 + DAY / 4;
    const to = kept[7]!.end.time;
    const filters: Omit<EpisodesQuery, "mode">[] = [
      {},
      { symbol: "ETH-USDT" },
      { exchange: "okx" },
      { reason: "leg_stale" },
      { minNetBps: 10 },
      { from },
      { to },
      { from, to, symbol: "BTC-USDT", exchange: "kraken", reason: "below_threshold", minNetBps: 0 },
    ];
    for (const filter of filters) {
      const expected = kept.filter((one) =>
        one.mode === "live" && (filter.symbol === undefined || one.symbol === filter.symbol) &&
        (filter.exchange === undefined || [one.buyExchange, one.sellExchange].includes(filter.exchange)) &&
        (filter.reason === undefined || one.reason === filter.reason) &&
        one.peak.netBps >= (filter.minNetBps ?? -Infinity) &&
        one.end.time >= (filter.from ?? -Infinity) && one.end.time < (filter.to ?? Infinity)
      );
      assert.deepEqual(await episodes(history, filter), expected.sort(latestFirst));
    }
  });
}
