-- The keyed digests of the keys of all records of the new build. Grain: one row per record. Holds persons, by keyed digest.
create or replace temp table digested_records as
select record_id, keyed('held|' || record_id) as digest
from build.record
