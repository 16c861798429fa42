-- Whether a build has a table that those of earlier versions lack.
select exists (from information_schema.tables where table_catalog = $base and table_name = $name) as has_table
