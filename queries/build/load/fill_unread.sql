-- Also what a build of an earlier version does not have.
insert into build.unread_cell by name
from read_parquet(getvariable('survivors') || '/unread_cell.parquet')
