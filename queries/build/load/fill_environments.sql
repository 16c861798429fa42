-- Also what a build of an earlier version does not have.
insert into build.environment by name from read_parquet(getvariable('survivors') || '/environment.parquet');
insert into told_grant by name from read_parquet(getvariable('survivors') || '/access_grant.parquet')
