-- The sources' own keys of the records that go. Grain: one row per record_id. Holds persons.
select dataset, source_key
from doomed_record
order by dataset, source_key
