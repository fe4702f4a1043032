/** The two handlers of each statistic: over all exchanges, and of one. */
import type { Context } from "hono";
import type { StatisticName } from "../../core/app/figure.ts";
import { statisticJson } from "../../core/app/wire.ts";
import { RECENT_MS } from "../../core/ports/cache.ts";
import type { Env } from "../../ui/env.ts";
import {
  describeRoute,
  exchangeParameter,
  json,
  problemOf,
  queryParameters,
  symbolParameter,
} from "../_describe.ts";
import { fromHistory } from "../_history.ts";
import { readPair, readSymbol } from "../_known.ts";
import { readQuery, refuse } from "../_query.ts";
import { PeriodQuery, StatisticSchema } from "../_schemas/statistics.ts";
import { DEFAULT_PERIOD, periodHelp, periodText, readPeriod } from "../_time.ts";

/** What can be had without the history. */
function hintFor(periodMs: number): string {
  return periodMs > RECENT_MS
    ? `periods up to ${periodText(RECENT_MS)} do not need it`
    : "periods that begin after the start of the program, or of this mode, do not need it";
}

const WHAT = {
  highest: "Highest price of a symbol in the last …",
  lowest: "Lowest price of a symbol in the last …",
  average: "Average price of a symbol in the last …",
};

const RULE =
  "The price of a quote is the middle of bid and ask, and every tick counts once. Exchanges without a tick in " +
  "the period count only where none has one. Where no exchange had a price, `price` is null, `exchanges` empty, and " +
  "`detail` says so.";

/** `GET /prices/{statistic}/{symbol}` */
export function statisticOfSymbol(statistic: StatisticName) {
  const describe = describeRoute({
    tags: ["prices"],
    operationId: `get${upper(statistic)}Prices`,
    summary: `${WHAT[statistic]}, over all exchanges`,
    description: RULE,
    parameters: [symbolParameter, ...queryParameters(PeriodQuery)],
    responses: answers("The symbol is not watched"),
  });
  return [describe, (c: Context<Env>) => answer(c, statistic, readSymbol(c))];
}

/** `GET /prices/{statistic}/{exchange}/{symbol}` */
export function statisticOfExchange(statistic: StatisticName) {
  const describe = describeRoute({
    tags: ["prices"],
    operationId: `get${upper(statistic)}Price`,
    summary: `${WHAT[statistic]}, on one exchange`,
    description:
      `${RULE} A symbol with a plain slash, \`/prices/${statistic}/BTC/USDT\`, is understood too and ` +
      `answered as \`/prices/${statistic}/BTC-USDT\`, unless its first half is the id of an exchange.`,
    parameters: [exchangeParameter, symbolParameter, ...queryParameters(PeriodQuery)],
    responses: answers("The symbol or the exchange is not watched"),
  });
  return [describe, (c: Context<Env>) => answer(c, statistic, readPair(c))];
}

function answers(unknown: string) {
  return {
    200: json("The figure", StatisticSchema),
    400: problemOf("The period is not valid; `allowed` lists what is"),
    404: problemOf(unknown),
    503: problemOf(
      "The period needs the history, which does not answer; `Retry-After` says when to try again",
    ),
  };
}

function answer(
  c: Context<Env>,
  statistic: StatisticName,
  pair: { exchange?: string; symbol: string } | Response,
): Response | Promise<Response> {
  if (pair instanceof Response) return pair;
  const query = readQuery(c, PeriodQuery);
  if (query instanceof Response) return query;
  const { market } = c.get("app");
  const period = query.period?.trim() ?? DEFAULT_PERIOD;
  const periodMs = readPeriod(period, market.longestPeriodMs);
  if (periodMs === undefined) {
    return refuse(c, [{ path: "period", value: period, message: periodHelp(market.longestPeriodMs) }]);
  }
  return fromHistory(c, async () => {
    const statistics = await market.priceStatistics({ ...pair, periodMs });
    return c.json(statisticJson(statistic, period, statistics, pair.exchange));
  }, hintFor(periodMs));
}

function upper(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
