-- Rows that could not be read and hold the key, the address or the number and name of somebody on the list, by the
-- entries of one key: whichever of their cells it stands in. Who shares a mailbox or a switchboard with somebody on the
-- list may be somebody else. Grain: row x entry.
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
found as (
    select told.row_no, mine.suppression_id, mine.batch_id, mine.dataset, true as is_sure
    from read_rejected as told
    inner join mine on mine.record_digest = keyed('record|' || $dataset || ':' || told.value)
    where told.kind = 'key'
    union all
    select told.row_no, mine.suppression_id, mine.batch_id, mine.dataset, not coalesce(mine.is_shared_email, false)
    from read_rejected as told
    inner join mine on mine.email_digest = keyed('email|' || told.value)
    where told.kind = 'email'
    union all
    select dialled.row_no, mine.suppression_id, mine.batch_id, mine.dataset, not coalesce(mine.is_shared_phone, false)
    from dialled
    inner join mine on mine.phone_digest = dialled.phone_digest and (mine.is_shared_phone is null) = dialled.is_old
)
select
    $dataset,
    $source,
    row_no,
    suppression_id,
    batch_id,
    'row ' || row_no,
    bool_or(is_sure) and dataset = $dataset,
    not bool_or(is_sure) and dataset = $dataset,
    null,
    false
from found
group by row_no, suppression_id, batch_id, dataset
