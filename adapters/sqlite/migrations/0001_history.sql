-- The same tables as in PostgreSQL. Times are milliseconds since the epoch; a fraction carries the microseconds.
-- Bars: what a price did in a minute, an hour, a day. Kept in the order of the key, because they are read as ranges of it.
create table minutes (
  mode text not null,
  exchange text not null,
  -- Canonical symbol, BTC-USDT.
  pair_name text not null,
  -- Begin of the interval.
  timestamp integer not null,
  -- Mean over the ticks, and over the time that the price stood.
  average_price real not null,
  time_weighted_price real not null,
  min_price real not null,
  max_price real not null,
  min_time real not null,
  max_time real not null,
  first_price real not null,
  last_price real not null,
  -- Ticks.
  samples integer not null,
  -- In the end of the interval.
  best_bid real,
  best_ask real,
  fresh_ms real not null,
  -- 1 or 0.
  complete integer not null,
  primary key (mode, pair_name, exchange, timestamp)
) strict, without rowid;
-- For the removal of old ones.
create index minutes_timestamp on minutes (timestamp);

create table hours (
  mode text not null,
  exchange text not null,
  pair_name text not null,
  timestamp integer not null,
  average_price real not null,
  time_weighted_price real not null,
  min_price real not null,
  max_price real not null,
  min_time real not null,
  max_time real not null,
  first_price real not null,
  last_price real not null,
  samples integer not null,
  best_bid real,
  best_ask real,
  fresh_ms real not null,
  complete integer not null,
  primary key (mode, pair_name, exchange, timestamp)
) strict, without rowid;

create table days (
  mode text not null,
  exchange text not null,
  pair_name text not null,
  timestamp integer not null,
  average_price real not null,
  time_weighted_price real not null,
  min_price real not null,
  max_price real not null,
  min_time real not null,
  max_time real not null,
  first_price real not null,
  last_price real not null,
  samples integer not null,
  best_bid real,
  best_ask real,
  fresh_ms real not null,
  complete integer not null,
  primary key (mode, pair_name, exchange, timestamp)
) strict, without rowid;

-- Opportunities from opening to closing: the figures at the start, at the best moment and at the end.
create table episodes (
  id text primary key not null,
  mode text not null,
  pair_name text not null,
  buy_exchange text not null,
  sell_exchange text not null,
  buy_fee_bps real not null,
  sell_fee_bps real not null,
  reason text not null,
  opened_at real not null,
  start_buy_price real not null,
  start_sell_price real not null,
  start_size_base real not null,
  start_notional_quote real not null,
  start_gross_bps real not null,
  start_net_bps real not null,
  start_profit_quote real not null,
  peak_at real not null,
  peak_buy_price real not null,
  peak_sell_price real not null,
  peak_size_base real not null,
  peak_notional_quote real not null,
  peak_gross_bps real not null,
  peak_net_bps real not null,
  peak_profit_quote real not null,
  closed_at real not null,
  end_buy_price real not null,
  end_sell_price real not null,
  end_size_base real not null,
  end_notional_quote real not null,
  end_gross_bps real not null,
  end_net_bps real not null,
  end_profit_quote real not null
) strict;
create index episodes_closed on episodes (mode, closed_at, id);
create index episodes_pair_closed on episodes (mode, pair_name, closed_at, id);

-- Raw ticks, in the order in which they were written.
create table quotes (
  mode text not null,
  exchange text not null,
  pair_name text not null,
  -- Our clock and the venue's.
  received_time real not null,
  exchange_time real,
  -- fresh, stale or withdrawn.
  state text not null,
  bid real,
  bid_size real,
  ask real,
  ask_size real,
  price real,
  -- How many ticks the row stands for; above 1 where it was conflated.
  ticks integer not null
) strict;
