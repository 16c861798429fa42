-- The tables in a schema that lie on one host still. Grain: table.
select tables.table_name
from information_schema.tables
where tables.table_schema = :schema
    and tables.table_type = 'BASE TABLE'
    and not exists (
        select from pg_dist_partition
        where pg_dist_partition.logicalrelid = to_regclass(quote_ident(:schema) || '.' || quote_ident(tables.table_name))
    )
order by tables.table_name
