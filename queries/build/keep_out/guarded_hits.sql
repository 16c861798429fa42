-- Which rows of the export at hand are on the suppression list, by the entries of one key. Grain: row x entry.
insert into guarded_hit
with digested as materialized (
    select
        row_no,
        category,
        counts_as_prospect,
        keyed('record|' || $dataset || ':' || coalesce(source_key, '')) as record_digest,
        keyed('email|' || email_key) as email_digest,
        keyed('phone|' || phone_key || '|' || name_key) as phone_digest
    from guarded
),
mine as materialized (
    select * from suppressed where key_id = $key_id
),
found as (
    select digested.row_no, digested.record_digest, mine.suppression_id, mine.batch_id, mine.erased_on, true as by_key
    from digested
    inner join mine on mine.record_digest = digested.record_digest
    union all
    select digested.row_no, digested.record_digest, mine.suppression_id, mine.batch_id, mine.erased_on, false
    from digested
    inner join mine on mine.email_digest = digested.email_digest
    where mine.category is null
        or mine.category = digested.category
        or (mine.category = 'PROSPECT' and digested.counts_as_prospect)
    union all
    select digested.row_no, digested.record_digest, mine.suppression_id, mine.batch_id, mine.erased_on, false
    from digested
    inner join mine on mine.phone_digest = digested.phone_digest
    where mine.category is null
        or mine.category = digested.category
        or (mine.category = 'PROSPECT' and digested.counts_as_prospect)
)
select row_no, suppression_id, batch_id, erased_on, record_digest, bool_or(by_key) as by_key
from found
group by row_no, suppression_id, batch_id, erased_on, record_digest
