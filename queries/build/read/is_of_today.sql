-- Whether a build has all the tables and columns that one of today has: its records were read as they are read today.
select count(distinct table_name) = 2 as is_of_today
from duckdb_columns()
where database_name = $base and (table_name = 'further_identifier' or (table_name = 'record' and column_name = 'moved_build'))
