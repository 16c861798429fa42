-- The records of the export at hand whose clocks may begin on another day than by the export before it, and those that it did not
-- have under their key; grain: one row per record of the export.
create or replace temp table compared as
with alike as (
    select
        record.rowid as rid,
        earlier.record_id,
        earlier.record_id is null
        or has_moved(earlier.registered_on, record.registered_on)
        or has_moved(earlier.designated_on, record.designated_on)
        or has_moved(earlier.left_org_on, record.left_org_on)
        or has_moved(earlier.starts_on, record.starts_on)
        or has_moved(earlier.ends_on, record.ends_on)
        or has_moved(earlier.replaced_on, record.replaced_on)
        or has_gone_back(greatest(earlier.met_on, earlier.inbound_on), greatest(record.met_on, record.inbound_on))
            as is_of_interest
    from build.record
    left join earlier on earlier.record_id = record.record_id
    where record.dataset = $dataset and record.erased_on is null
)
select rid, record_id
from alike
where is_of_interest
