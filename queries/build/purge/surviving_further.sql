-- The further identifiers of records that stay. Grain: one row per further one. Holds persons.
select further.*
from further
anti join doomed_record on doomed_record.record_id = further.record_id
