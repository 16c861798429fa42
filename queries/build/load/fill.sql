-- Fills a new build's own tables with what stayed of the old one. The folder is the variable survivors.
-- By name: a build that an earlier version made may lack columns.
insert into build.export by name from read_parquet(getvariable('survivors') || '/export.parquet');
insert into build.left_out by name from read_parquet(getvariable('survivors') || '/left_out.parquet');
insert into build.quarantined by name from read_parquet(getvariable('survivors') || '/quarantined.parquet');
insert into build.organisation by name from read_parquet(getvariable('survivors') || '/organisation.parquet');
insert into build.contract by name from read_parquet(getvariable('survivors') || '/contract.parquet');
insert into build.request_key by name from read_parquet(getvariable('survivors') || '/request_key.parquet');
create temp view brought as from read_parquet(getvariable('survivors') || '/record.parquet');
