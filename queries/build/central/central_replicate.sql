-- Puts a table whole on every host, for what is joined with all others. Grain: one row.
select create_reference_table(cast(:table as regclass))
