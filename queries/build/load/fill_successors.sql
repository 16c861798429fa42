-- Whose date is still to be said, of builds that ask it.
insert into build.successor by name from read_parquet(getvariable('survivors') || '/successor.parquet')
