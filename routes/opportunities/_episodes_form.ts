/**
 * Episodes as CSV: one record each, its three moments side by side. Columns are named as in the database, which has no fees,
 * as they follow from the others.
 */
import { episodeJson } from "../../core/app/wire.ts";
import type { Episode, EpisodeMoment } from "../../core/domain/episode.ts";
import type { Mode } from "../../core/domain/mode.ts";
import { csvHeaders, csvRecord, csvTime, type CsvValue } from "../_csv.ts";
import type { PageForm } from "../_pages.ts";

/** The moments, and what their time is called. */
const MOMENTS = [["start", "opened_at"], ["peak", "peak_at"], ["end", "closed_at"]] as const;

const OF_MOMENT: readonly [name: string, value: (moment: EpisodeMoment) => CsvValue][] = [
  ["buy_price", (moment) => moment.buyPrice],
  ["sell_price", (moment) => moment.sellPrice],
  ["size_base", (moment) => moment.sizeBase],
  ["notional_quote", (moment) => moment.notionalQuote],
  ["gross_bps", (moment) => moment.grossBps],
  ["net_bps", (moment) => moment.netBps],
  ["fees_quote", (moment) => moment.feesQuote],
  ["impact_quote", (moment) => moment.impactQuote],
  ["gas_quote", (moment) => moment.gasQuote],
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
      "reason",
      ...MOMENTS.flatMap(([moment, time]) => [time, ...OF_MOMENT.map(([name]) => `${moment}_${name}`)]),
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
        one.reason,
        ...MOMENTS.flatMap(([moment]) => [
          csvTime(one[moment].time),
          ...OF_MOMENT.map(([_, value]) => value(one[moment])),
        ]),
        episode.mode,
      ]);
    },
    separator: "",
    tail: "",
  };
}
