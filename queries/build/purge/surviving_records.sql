-- The records that stay. Grain: one row per record_id. Holds persons.
select record.*
from old.record
anti join doomed_record on doomed_record.record_id = record.record_id
