-- What of an edge was the impact of pools and their gas, at each moment. Of all that was kept before it is true that both were
-- zero, so the columns have that as their default, and no row is written anew. A program of the version before that still
-- runs beside this one goes on writing. Fees are not kept: they are gross less impact, gas and profit.
alter table episodes
  add column start_impact_quote double precision not null default 0,
  add column start_gas_quote double precision not null default 0,
  add column peak_impact_quote double precision not null default 0,
  add column peak_gas_quote double precision not null default 0,
  add column end_impact_quote double precision not null default 0,
  add column end_gas_quote double precision not null default 0;
