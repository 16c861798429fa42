-- Lets go what bears a number. Grain: one row.
select pg_advisory_unlock(:number)
