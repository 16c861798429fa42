-- Which records this run has that the previous build did not have.
insert into build.arrival
select record.record_id, record.dataset, $build
from build.record
where record.record_id not in (select record_id from old.record)
