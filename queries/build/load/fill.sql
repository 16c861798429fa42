-- Fills a new build's own tables with what stayed of the old one. The folder is the variable survivors.
insert into build.export from read_parquet(getvariable('survivors') || '/export.parquet');
insert into build.left_out from read_parquet(getvariable('survivors') || '/left_out.parquet');
insert into build.quarantined from read_parquet(getvariable('survivors') || '/quarantined.parquet');
insert into build.organisation from read_parquet(getvariable('survivors') || '/organisation.parquet');
insert into build.contract from read_parquet(getvariable('survivors') || '/contract.parquet');
insert into build.record from read_parquet(getvariable('survivors') || '/record.parquet');
insert into build.request_key from read_parquet(getvariable('survivors') || '/request_key.parquet');
