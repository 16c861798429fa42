-- What the views of a build's file are made by, in the order in which they were made. Grain: view.
select view_name, sql
from duckdb_views()
where database_name = $base and not internal
order by view_oid
