-- The same of datasets that this run has no newer export of.
insert into build.successor
select succeeded.*
from succeeded
inner join build.record on record.record_id = succeeded.record_id and record.moved_build = succeeded.build
where succeeded.dataset in (from carried)
