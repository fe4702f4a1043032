/**
 * Several bars as one, in SQL: the same rules as `Aggregate` in core/stats/aggregate.ts, computed where the bars are. Bars
 * without a tick count for the prices only where none has one; the average weighs with ticks, or with the time that
 * prices stood where there are none.
 *
 * What belongs together (a price and its time) goes through `min` and `max` of arrays, which compare the first elements,
 * then the second: one pass, without sorting.
 */

/** A query of one row, or none where `bars` is empty; `everything`: what besides complete bars makes it complete. */
export function combined(bars: string, everything: string): string {
  return `select
    least(greatest(mean, lowest[1]), highest[1]) as average_price,
    coalesce(weighted_mean, least(greatest(mean, lowest[1]), highest[1])) as time_weighted_price,
    lowest[1] as min_price,
    highest[1] as max_price,
    to_timestamp(lowest[2]) as min_time,
    to_timestamp(-highest[2]) as max_time,
    earliest[2] as first_price,
    latest[2] as last_price,
    samples,
    final[2] as best_bid,
    final[3] as best_ask,
    fresh_ms,
    complete
  from (
    select
      sum(average_price * weight) filter (where counts) / nullif(sum(weight) filter (where counts), 0) as mean,
      sum(time_weighted_price * fresh_ms) / nullif(sum(fresh_ms), 0) as weighted_mean,
      min(array[min_price, date_part('epoch', min_time)]) filter (where counts) as lowest,
      max(array[max_price, -date_part('epoch', max_time)]) filter (where counts) as highest,
      min(array[begin, first_price]) filter (where counts) as earliest,
      max(array[begin, last_price]) filter (where counts) as latest,
      max(array[begin, best_bid, best_ask]) as final,
      sum(samples) as samples,
      sum(fresh_ms) as fresh_ms,
      bool_and(complete) and ${everything} as complete
    from (
      select *,
        date_part('epoch', timestamp) as begin,
        samples > 0 or not bool_or(samples > 0) over () as counts,
        case when samples > 0 then samples else fresh_ms end as weight
      from (${bars}) as bar
    ) as judged
    having sum(samples) > 0 or sum(fresh_ms) > 0
  ) as summed`;
}
