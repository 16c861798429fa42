-- Also what a build of an earlier version does not have.
insert into build.unread_cell by name from read_parquet(getvariable('survivors') || '/unread_cell.parquet');
insert into build.arrival by name from read_parquet(getvariable('survivors') || '/arrival.parquet');
insert into build.further_identifier by name
from read_parquet(getvariable('survivors') || '/further_identifier.parquet');
insert into build.decided_record by name
from read_parquet(getvariable('survivors') || '/decided_record.parquet');
