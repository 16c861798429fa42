-- Rows whose record stood in the copy beside whoever was erased, under the same name and with what the two shared, if it
-- was more than the name: it is somebody else's, since all that was stored of the erased person went. One that the list
-- was asked about when it came is not known to be, and nobody stood there with a number that was one person's. Grain:
-- row x entry.
create or replace temp table stood_before as
with had as (
    select record_id, email_key, phone_key
    from old.record
    where dataset = $dataset
    union all
    select
        record_id,
        case when kind = 'email' then key end,
        case when kind = 'phone' then key end
    from further
    where dataset = $dataset
)
select distinct guarded_hit.row_no, guarded_hit.suppression_id
from guarded_hit
inner join guarded on guarded.row_no = guarded_hit.row_no
inner join suppressed on suppressed.suppression_id = guarded_hit.suppression_id
inner join old.record on record.record_id = $dataset || ':' || guarded.source_key
inner join had on had.record_id = record.record_id
where not guarded_hit.is_sure
    and guarded_hit.is_of_person
    and (
        same_name(one_spelling(record.name_key), one_spelling(guarded.name_key))
        or (record.name_key is null and guarded.name_key is null)
    )
    and (
        had.email_key = guarded_hit.email_key
        or had.phone_key = guarded_hit.phone_key
        or (guarded_hit.email_key is null and guarded_hit.phone_key is null and not guarded_hit.by_key)
    )
    and (
        guarded_hit.by_key
        or guarded_hit.has_name
        or guarded_hit.email_key is not null
        or guarded_hit.phone_key is null
        or suppressed.is_shared_phone
    )
    -- What was registered later came later, whatever its source says of it by now.
    and coalesce(
        coalesce(record.designated_on, record.registered_on, record.starts_on) <= guarded_hit.erased_on, true
    )
    and (guarded_hit.suppression_id, guarded_hit.record_digest) not in (
        select suppression_id, record_digest from asked
    )
