-- Bars: what a price did in a minute, an hour, a day. Names are compared byte by byte (collation "C"), so that the order
-- is the same everywhere, whatever the locale of the database.
create table minutes (
  mode text collate "C" not null,
  exchange text collate "C" not null,
  -- Canonical symbol, BTC-USDT.
  pair_name text collate "C" not null,
  -- Begin of the interval.
  timestamp timestamptz not null,
  -- Mean over the ticks, and over the time that the price stood.
  average_price double precision not null,
  time_weighted_price double precision not null,
  min_price double precision not null,
  max_price double precision not null,
  min_time timestamptz not null,
  max_time timestamptz not null,
  first_price double precision not null,
  last_price double precision not null,
  -- Ticks.
  samples bigint not null,
  -- In the end of the interval.
  best_bid double precision,
  best_ask double precision,
  fresh_ms double precision not null,
  complete boolean not null,
  primary key (mode, pair_name, exchange, timestamp)
);
-- For the removal of old ones.
create index minutes_timestamp on minutes (timestamp);

create table hours (like minutes, primary key (mode, pair_name, exchange, timestamp));
create table days (like minutes, primary key (mode, pair_name, exchange, timestamp));

-- Opportunities from opening to closing: the figures at the start, at the best moment and at the end.
create table episodes (
  id text collate "C" primary key,
  mode text collate "C" not null,
  pair_name text collate "C" not null,
  buy_exchange text collate "C" not null,
  sell_exchange text collate "C" not null,
  buy_fee_bps double precision not null,
  sell_fee_bps double precision not null,
  reason text collate "C" not null,
  opened_at timestamptz not null,
  start_buy_price double precision not null,
  start_sell_price double precision not null,
  start_size_base double precision not null,
  start_notional_quote double precision not null,
  start_gross_bps double precision not null,
  start_net_bps double precision not null,
  start_profit_quote double precision not null,
  peak_at timestamptz not null,
  peak_buy_price double precision not null,
  peak_sell_price double precision not null,
  peak_size_base double precision not null,
  peak_notional_quote double precision not null,
  peak_gross_bps double precision not null,
  peak_net_bps double precision not null,
  peak_profit_quote double precision not null,
  closed_at timestamptz not null,
  end_buy_price double precision not null,
  end_sell_price double precision not null,
  end_size_base double precision not null,
  end_notional_quote double precision not null,
  end_gross_bps double precision not null,
  end_net_bps double precision not null,
  end_profit_quote double precision not null
);
create index episodes_closed on episodes (mode, closed_at, id);
create index episodes_pair_closed on episodes (mode, pair_name, closed_at, id);

-- Raw ticks, one partition a day (UTC), made as they are needed and dropped when they are old.
create table quotes (
  mode text collate "C" not null,
  exchange text collate "C" not null,
  pair_name text collate "C" not null,
  -- Our clock and the venue's.
  received_time timestamptz not null,
  exchange_time timestamptz,
  -- fresh, stale or withdrawn.
  state text collate "C" not null,
  bid double precision,
  bid_size double precision,
  ask double precision,
  ask_size double precision,
  price double precision,
  -- How many ticks the row stands for; above 1 where it was conflated.
  ticks integer not null
) partition by range (received_time);
