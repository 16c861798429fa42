-- What had been decided about records of the build before. Grain: decision x record. Holds persons.
create or replace temp view decided_before as
select decision_id, record_id, side
from old.decided_record
