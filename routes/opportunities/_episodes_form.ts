/** Episodes as CSV: one record each, its three moments side by side. */
import { episodeJson } from "../../core/app/wire.ts";
import type { Episode, EpisodeMoment } from "../../core/domain/episode.ts";
import type { Mode } from "../../core/domain/mode.ts";
import { csvHeaders, csvRecord, csvTime, type CsvValue } from "../_csv.ts";
import type { PageForm } from "../_pages.ts";

const MOMENTS = ["start", "peak", "end"] as const;

const OF_MOMENT: readonly [name: string, value: (moment: EpisodeMoment) => CsvValue][] = [
  ["time", (moment) => csvTime(moment.time)],
  ["buy_price", (moment) => moment.buyPrice],
  ["sell_price", (moment) => moment.sellPrice],
  ["size_base", (moment) => moment.sizeBase],
  ["notional_quote", (moment) => moment.notionalQuote],
  ["gross_bps", (moment) => moment.grossBps],
  ["net_bps", (moment) => moment.netBps],
  ["profit_quote", (moment) => moment.profitQuote],
];

export function episodesAsCsv(mode: Mode): PageForm<Episode> {
  return {
    headers: csvHeaders(`marketflow-${mode}-opportunities`),
    head: csvRecord([
      "id",
      "pair_name",
      "buy_exchange",
      "sell_exchange",
      "buy_fee_bps",
      "sell_fee_bps",
      ...MOMENTS.flatMap((moment) => OF_MOMENT.map(([name]) => `${moment}_${name}`)),
      "reason",
      "mode",
    ]),
    row: (episode) => {
      const one = episodeJson(episode);
      return csvRecord([
        one.id,
        one.symbol,
        one.buyExchange,
        one.sellExchange,
        one.buyFeeBps,
        one.sellFeeBps,
        ...MOMENTS.flatMap((moment) => OF_MOMENT.map(([_, value]) => value(one[moment]))),
        one.reason,
        episode.mode,
      ]);
    },
    separator: "",
    tail: "",
  };
}
