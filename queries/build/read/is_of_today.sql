-- Whether the previous build has all the tables that one of today has: its records were read as they are read today.
select count(*) > 0 as is_of_today
from duckdb_tables()
where database_name = 'old' and table_name = 'further_identifier'
