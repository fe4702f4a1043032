/**
 * What prices did, computed by the database from raw ticks, in SQL that shares nothing with the program. For runs in test
 * mode, where a quote that came stands until the next one: its ticks are then all that there is to know.
 */
import type { Sql } from "./sql.ts";

export interface Expected {
  samples: number;
  min: number;
  max: number;
  minTime: number;
  maxTime: number;
  /** When the last tick came. */
  lastTime: number;
  average: number;
  first: number;
  last: number;
  timeWeighted: number;
  /** What `timeWeighted` may be off by, because ticks are kept to the microsecond. */
  timeSlack: number;
  freshMs: number;
  /** Ticks that the rows stand for; more than `samples`, which are rows, where some were conflated. */
  ticks: number;
  /** A quote stood when the time began. */
  carried: boolean;
}

/** Lets the questions below be answered without reading the whole table each time. */
export async function index(sql: Sql): Promise<void> {
  await sql.rows("create index if not exists quotes_of_pair on quotes (pair_name, exchange, received_time)");
}

/**
 * Of one symbol over the first `samples` ticks of each exchange from `from` on, and over the time until `to`. With a
 * row for each exchange, and one under the name "" for all of them together. Without `weighted` nothing is said of time.
 */
export async function windowOf(
  sql: Sql,
  of: { symbol: string; samples: ReadonlyMap<string, number>; from: number; to: number },
  weighted = true,
): Promise<Map<string, Expected>> {
  const values = [...of.samples].map(([exchange, samples]) => `('${exchange}', ${samples})`);
  return await expected(
    sql,
    `wanted (exchange, samples) as (values ${values}),
    ticks as (select q.exchange, ${sql.ms("q.received_time")} as t, q.price, q.ticks, w.samples
      from quotes q join wanted w on w.exchange = q.exchange
      where q.pair_name = '${of.symbol}' and q.state = 'fresh'),
    numbered as (select *, row_number() over (partition by exchange order by t) as number
      from ticks where t >= ${of.from}),
    used as (select exchange as name, t, price, ticks from numbered where number <= samples)`,
    "select exchange as name, t, price from ticks",
    of,
    weighted,
  );
}

/** Of every exchange and symbol in a minute, or any other time; by `exchange symbol`, and "" for all. */
export async function timeOf(sql: Sql, from: number, to: number): Promise<Map<string, Expected>> {
  return await expected(
    sql,
    `ticks as (select exchange || ' ' || pair_name as name, ${sql.ms("received_time")} as t, price, ticks
      from quotes where state = 'fresh'),
    used as (select * from ticks where t >= ${from} and t < ${to})`,
    "select name, t, price from ticks",
    { from, to },
    true,
  );
}

/** `withs` has a table `used (name, t, price, ticks)`; `before` selects (name, t, price) with those before `from`. */
async function expected(
  sql: Sql,
  withs: string,
  before: string,
  { from, to }: { from: number; to: number },
  weighted: boolean,
): Promise<Map<string, Expected>> {
  const all = `with ${withs},
    latest as (select name, t, price, row_number() over (partition by name order by t desc) as back
      from (${before}) b where t < ${from}),
    stood as (select name, t, price from used union all select name, t, price from latest where back = 1),
    lasting as (select name, price, case when t < ${from} then ${from} else t end as a,
      coalesce(lead(t) over (partition by name order by t), ${to}) as b, t < ${from} as carried,
      coalesce(abs(price - lag(price) over (partition by name order by t)), 0) as jump from stood),
    spans as (select name, price, carried, jump, case when b > a then b - a else 0 end as ms from lasting)`;
  const figures = (name: string) =>
    `, named as (select ${name} as name, t, price, ticks from used),
    stats as (select *, first_value(price) over (partition by name order by t) as first_price,
      first_value(price) over (partition by name order by t desc) as last_price,
      first_value(t) over (partition by name order by price, t) as min_time,
      first_value(t) over (partition by name order by price desc, t) as max_time from named)
    select name, count(*) as samples, min(price) as min, max(price) as max, avg(price) as average,
      min(first_price) as first, min(last_price) as last, min(min_time) as "minTime", min(max_time) as "maxTime", max(t) as "lastTime",
      sum(ticks) as ticks from stats group by name`;
  const times = (name: string) =>
    `select ${name} as name, sum(price * ms) / sum(ms) as "timeWeighted", sum(ms) as "freshMs",
      (sum(jump) + 4 * (max(price) - min(price))) * 0.001 / sum(ms) as "timeSlack",
      max(case when carried then 1 else 0 end) as carried from spans group by 1`;
  const rows = new Map<string, Record<string, unknown>>();
  const weights = weighted ? [times("name"), times("''")] : [];
  for (const query of [figures("name"), figures("''"), ...weights]) {
    for (const row of await sql.rows<Record<string, unknown>>(`${all} ${query}`)) {
      const name = row.name as string;
      rows.set(name, { ...rows.get(name), ...row });
    }
  }
  return new Map(
    [...rows].map(([name, row]) => {
      const number = (field: keyof Expected) => row[field] === undefined ? NaN : Number(row[field]);
      return [name, {
        samples: row.samples === undefined ? 0 : Number(row.samples),
        min: number("min"),
        max: number("max"),
        minTime: number("minTime"),
        maxTime: number("maxTime"),
        lastTime: number("lastTime"),
        average: number("average"),
        first: number("first"),
        last: number("last"),
        timeWeighted: number("timeWeighted"),
        timeSlack: number("timeSlack"),
        freshMs: number("freshMs"),
        ticks: row.ticks === undefined ? 0 : Number(row.ticks),
        carried: Number(row.carried) === 1,
      }];
    }),
  );
}
