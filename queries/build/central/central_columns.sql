-- The columns of the tables in a schema of PostgreSQL's, and whether one holds text, alone or in rows or arrays.
-- Asked of the catalog itself: the standard's views take ten times as long. Grain: column.
select pg_class.relname as table_name, pg_attribute.attname as column_name,
    pg_type.typcategory in ('S', 'A', 'C', 'E', 'U') as is_text
from pg_class
inner join pg_attribute on pg_attribute.attrelid = pg_class.oid
inner join pg_type on pg_type.oid = pg_attribute.atttypid
where pg_class.relnamespace = to_regnamespace(quote_ident(:schema)) and pg_class.relkind in ('r', 'p')
    and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
order by pg_class.relname, pg_attribute.attnum
