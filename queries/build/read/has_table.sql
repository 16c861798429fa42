-- Whether a build has a table that those of earlier versions lack.
select exists (from duckdb_tables() where database_name = $base and table_name = $name) as has_table
