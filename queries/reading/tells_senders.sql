-- Whether a build tells what speaks for whom requests are from, and every address and number that they are known by.
-- Grain: one row. Holds figures.
select count(distinct table_name) = 2 as tells_senders
from duckdb_columns()
where
    database_name = 'build'
    and (table_name = 'further_identifier' or (table_name = 'request_person' and column_name = 'speaks_for'))
