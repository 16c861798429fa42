-- Spreads a table over the hosts by person: what is of one person lies on one host. Grain: one row.
select create_distributed_table(cast(:table as regclass), 'person_id', colocate_with => 'default')
