-- Which records that stay keep a date that may be somebody else's. Grain: one row per record_id. Holds persons.
select successor.*
from old.successor
anti join doomed_record on doomed_record.record_id = successor.record_id
