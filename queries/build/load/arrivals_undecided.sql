-- Records of which the build before knew on which side of a decision they are, and this one does not: somebody else's, or
-- both sides', as far as they say. They are as if they came new.
create or replace temp table undecided as
select distinct was.record_id
from (
    select decision_id, record_id from decided_before
    union
    select sidelong.decision_id, sidelong.record_id
    from sidelong
    inner join decision_trace on decision_trace.decision_id = sidelong.decision_id and decision_trace.is_new
    where sidelong.record_id in (select record_id from old.record)
) as was
inner join build.record on record.record_id = was.record_id
anti join sided on sided.decision_id = was.decision_id and sided.record_id = was.record_id and sided.is_same;

delete from build.arrival where record_id in (select record_id from undecided);

insert into build.arrival
select record.record_id, record.dataset, $build
from undecided
inner join build.record on record.record_id = undecided.record_id;
