-- Which keys and addresses that grants have are those of an erased person of staff, by the entries of one key of the
-- suppression list, and of nobody who is stored: such a one has come back, or was given the key. Grain: one row per key or
-- address. Holds persons.
insert into erased_holder
with named as (
    select holder as told from told_grant
    union
    select approver from told_grant
    union
    select holder from told_aside
    union
    select approver from told_aside
),
mine as (
    select dataset, record_digest, email_digest
    from suppressed
    where key_id = $key_id
),
unclaimed as (
    select named.told
    from named
    anti join build.record on record.source_key = named.told and record.category in ('EMPLOYEE', 'CONTRACTOR')
    anti join build.record on record.email_key = named.told
    anti join build.further_identifier as further on further.key = named.told and further.kind = 'email'
    anti join erased_holder on erased_holder.told = named.told
    where named.told is not null
),
met as (
    select unclaimed.told, mine.record_digest
    from unclaimed
    cross join (select distinct dataset from mine) as place
    inner join mine
        on mine.dataset = place.dataset
        and mine.record_digest = keyed('record|' || place.dataset || ':' || unclaimed.told)
    union all
    select unclaimed.told, mine.record_digest
    from unclaimed
    inner join mine on mine.email_digest = keyed('email|' || unclaimed.told)
)
select told, min(record_digest)
from met
group by told
