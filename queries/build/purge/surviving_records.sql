-- The records that stay. Grain: one row per record_id. Holds persons.
from surviving_record
