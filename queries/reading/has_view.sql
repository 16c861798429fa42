-- Whether something stands in the place of a table of the build's, in the schema of a reading.
select exists (from duckdb_views() where database_name = 'memory' and schema_name = $space and view_name = $name)
