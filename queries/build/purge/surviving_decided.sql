-- What has been decided about records that stay. Grain: decision x record. Holds persons.
select decided_record.*
from old.decided_record
anti join doomed_record on doomed_record.record_id = decided_record.record_id
