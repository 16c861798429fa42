-- Also what a build of an earlier version does not have.
insert into told_mailing by name from read_parquet(getvariable('survivors') || '/mailing.parquet');
insert into told_opt_out by name from read_parquet(getvariable('survivors') || '/opt_out.parquet')
