-- The schemas of a PostgreSQL, in the order in which they were made. Grain: schema.
select nspname
from pg_namespace
order by oid
