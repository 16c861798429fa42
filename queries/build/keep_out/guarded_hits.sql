-- Which rows of the export at hand are on the suppression list, by the entries of one key. Sure is the record's own key;
-- an address that was one person's, under the same name or where one of the two has none; and a number that was one person's, with the
-- name. All else may be somebody else who shares a mailbox or a switchboard. Grain: row x entry.
insert into guarded_hit
with mine as materialized (
    select * from suppressed where key_id = $key_id
),
mail as (
    select row_no, category, counts_as_prospect, name_key, unnest(email_keys) as email_key
    from guarded
),
call as (
    select row_no, category, counts_as_prospect, name_key, full_name, unnest(phone_keys) as phone_key
    from guarded
    where full_name is not null
),
-- Entries of an earlier version do not say what was shared, and have names as that version read them.
dialled as (
    select row_no, category, counts_as_prospect, keyed('phone|' || phone_key || '|' || name_key) as phone_digest, false as is_old
    from call
    union all
    select row_no, category, counts_as_prospect, keyed('phone|' || phone_key || '|' || old_name_key(full_name)), true
    from call
    where exists (select 1 from mine where is_shared_phone is null and phone_digest is not null)
),
digested as materialized (
    select row_no, keyed('record|' || $dataset || ':' || coalesce(source_key, '')) as record_digest
    from guarded
),
hit as (
    select digested.row_no, mine.suppression_id, mine.batch_id, mine.erased_on, true as by_key, true as is_sure
    from digested
    inner join mine on mine.record_digest = digested.record_digest
    union all
    select
        mail.row_no,
        mine.suppression_id,
        mine.batch_id,
        mine.erased_on,
        false,
        mine.is_shared_email is null
        or (
            not mine.is_shared_email
            and coalesce(mine.email_name_digest = keyed('email|' || mail.email_key || '|' || mail.name_key), true)
        )
    from mail
    inner join mine on mine.email_digest = keyed('email|' || mail.email_key)
    where mine.category is null
        or mine.category = mail.category
        or (mine.category = 'PROSPECT' and mail.counts_as_prospect)
    union all
    select
        dialled.row_no,
        mine.suppression_id,
        mine.batch_id,
        mine.erased_on,
        false,
        not coalesce(mine.is_shared_phone, false)
    from dialled
    inner join mine on mine.phone_digest = dialled.phone_digest and (mine.is_shared_phone is null) = dialled.is_old
    where mine.category is null
        or mine.category = dialled.category
        or (mine.category = 'PROSPECT' and dialled.counts_as_prospect)
)
select
    hit.row_no,
    hit.suppression_id,
    hit.batch_id,
    hit.erased_on,
    digested.record_digest,
    bool_or(hit.by_key),
    bool_or(hit.is_sure)
from hit
inner join digested on digested.row_no = hit.row_no
group by hit.row_no, hit.suppression_id, hit.batch_id, hit.erased_on, digested.record_digest
