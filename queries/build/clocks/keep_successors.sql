-- Keeps which records of the export at hand have a date that may be somebody else's.
insert into build.successor
select record.record_id, record.dataset, move.moved_build, move.number
from move
inner join build.record on record.rowid = move.rid
where move.number > 0
