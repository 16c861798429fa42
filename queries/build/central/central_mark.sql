-- What PostgreSQL says of whose copy it holds. Grain: one row, none where it holds none.
select obj_description(oid, 'pg_namespace') as mark
from pg_namespace
where nspname = :mark
