-- The tables in a schema of a database that DuckDB sees. Grain: table.
select table_name
from duckdb_tables()
where database_name = $base and schema_name = $schema
order by table_name
