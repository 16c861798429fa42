-- Waits until nobody else holds what bears a number. Grain: one row.
select pg_advisory_lock(:number)
