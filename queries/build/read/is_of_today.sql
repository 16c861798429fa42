-- Whether a build has all the tables and columns that one of today has: its records were read as they are read today.
-- DuckDB's list of all columns would say it too, and takes longer than opening the build.
select
    exists (from information_schema.tables where table_catalog = $base and table_name = 'further_identifier')
    and exists (from pragma_table_info($base || '.main.record') where name = 'moved_build') as is_of_today
