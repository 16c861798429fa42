-- Rows that could not be read and hold the key, the address or the number and name of somebody on the list, by the
-- entries of one key: whichever of their cells it stands in. Who shares a mailbox or a switchboard with somebody on the
-- list, or has their key, address or number and another name, may be somebody else. Grain: row x entry.
insert into suppressed_hit
with mine as materialized (
    select * from suppressed where key_id = $key_id
),
named as (
    select
        row_no,
        case kind when 'name' then value else old_name_key(value) end as name_key,
        kind = 'old_name' as is_old
    from read_rejected
    where kind in ('name', 'old_name')
),
dialled as materialized (
    select distinct called.row_no, keyed('phone|' || called.value || '|' || named.name_key) as phone_digest, named.is_old
    from read_rejected as called
    inner join named on named.row_no = called.row_no
    where called.kind = 'phone' and named.name_key is not null
),
worn as materialized (
    select distinct row_no, keyed('name|' || name_key) as name_digest
    from named
    where not is_old
),
mailed as materialized (
    select
        row_no,
        keyed('email|' || value) as email_digest,
        row_no in (select row_no from read_rejected where kind = 'whole_name') as has_name
    from read_rejected
    where kind = 'email'
),
addressed as materialized (
    select distinct mailed.row_no, keyed('email|' || mailed.value || '|' || named.name_key) as email_name_digest
    from read_rejected as mailed
    inner join named on named.row_no = mailed.row_no and not named.is_old
    where mailed.kind = 'email'
),
found as (
    select
        told.row_no,
        mine.suppression_id,
        mine.name_digest is null
        or told.row_no not in (select row_no from read_rejected where kind = 'whole_name')
        or (told.row_no, mine.name_digest) in (select row_no, name_digest from worn) as is_sure
    from read_rejected as told
    inner join mine on mine.record_digest = keyed('record|' || $dataset || ':' || told.value)
    where told.kind = 'key'
    union all
    select
        mailed.row_no,
        mine.suppression_id,
        mine.is_shared_email is null
        or (not mine.is_shared_email and (mine.email_name_digest is null or not mailed.has_name))
    from mailed
    inner join mine on mine.email_digest = mailed.email_digest
    union all
    -- An entry without the address is what somebody has decided to be the erased one's.
    select addressed.row_no, mine.suppression_id, not coalesce(mine.is_shared_email, false) or mine.email_digest is null
    from addressed
    inner join mine on mine.email_name_digest = addressed.email_name_digest
    union all
    select dialled.row_no, mine.suppression_id, not coalesce(mine.is_shared_phone, false)
    from dialled
    inner join mine on mine.phone_digest = dialled.phone_digest and (mine.is_shared_phone is null) = dialled.is_old
    union all
    select called.row_no, mine.suppression_id, false
    from read_rejected as called
    inner join mine on mine.number_digest = keyed('number|' || called.value)
    where called.kind = 'phone'
)
select
    $dataset,
    $source,
    found.row_no,
    found.suppression_id,
    mine.batch_id,
    'row ' || found.row_no,
    null,
    null,
    null,
    bool_or(found.is_sure) and mine.dataset = $dataset,
    not bool_or(found.is_sure) and mine.dataset = $dataset,
    null,
    false
from found
inner join mine on mine.suppression_id = found.suppression_id
group by found.row_no, found.suppression_id, mine.batch_id, mine.dataset
