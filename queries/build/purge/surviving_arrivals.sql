-- When records that stay came. Grain: one row per record_id. Holds persons.
select arrival.*
from old.arrival
anti join doomed_record on doomed_record.record_id = arrival.record_id
