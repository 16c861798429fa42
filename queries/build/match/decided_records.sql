-- The records of this build about which somebody has decided. Grain: decision x record. Holds persons.
insert into build.decided_record
select decision_id, answer, record_id, side
from sided
where is_same
