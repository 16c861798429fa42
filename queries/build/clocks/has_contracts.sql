-- Whether a build keeps what its contracts said before.
select count(*) = 1
from duckdb_columns()
where database_name = $base and table_name = 'contract' and column_name = 'moved_build'
