-- What episodes are filtered by stands in the indexes that they are found with, so that those which do not fit are passed
-- over without a look at their rows: five times as fast for about 40 bytes each.
create index episodes_found on episodes
  (mode, closed_at, id, reason, buy_exchange, sell_exchange, peak_net_bps);
create index episodes_found_of_pair on episodes
  (mode, pair_name, closed_at, id, reason, buy_exchange, sell_exchange, peak_net_bps);
drop index episodes_closed;
drop index episodes_pair_closed;
