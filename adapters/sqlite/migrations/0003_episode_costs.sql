-- What of an edge was the impact of pools and their gas, at each moment. Of all that was kept before it is true that both were
-- zero, so the columns have that as their default, and no row is written anew. Fees are not kept: they are gross less impact,
-- gas and profit.
alter table episodes add column start_impact_quote real not null default 0;
alter table episodes add column start_gas_quote real not null default 0;
alter table episodes add column peak_impact_quote real not null default 0;
alter table episodes add column peak_gas_quote real not null default 0;
alter table episodes add column end_impact_quote real not null default 0;
alter table episodes add column end_gas_quote real not null default 0;
