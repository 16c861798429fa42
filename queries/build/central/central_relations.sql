-- The tables and views in a schema of PostgreSQL's, in the order in which they were made, and what the views select.
-- Grain: table or view.
select relname, relkind = 'v' as is_view, pg_get_viewdef(pg_class.oid) as told
from pg_class
where relkind in ('r', 'p', 'v')
    and relnamespace = (select pg_namespace.oid from pg_namespace where nspname = :schema)
order by pg_class.oid
