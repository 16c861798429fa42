-- Whether the build has all the tables that one of today has.
select count(*) > 0
from duckdb_tables()
where database_name = 'build' and table_name = 'further_identifier'
