-- Whether a build keeps what its contracts said before.
select exists (from pragma_table_info($base || '.main.contract') where name = 'moved_build')
