-- What has been decided, by the rows of this build.
insert into decided_same
select record.rowid, decided_record.decision_id
from build.decided_record
inner join build.record on record.record_id = decided_record.record_id
where decided_record.answer = 'same';

insert into decided_different
select one_record.rowid, other_record.rowid
from build.decided_record as one
inner join build.decided_record as other
    on other.decision_id = one.decision_id and one.side = 'one' and other.side = 'other'
inner join build.record as one_record on one_record.record_id = one.record_id
inner join build.record as other_record on other_record.record_id = other.record_id
where one.answer = 'different';
