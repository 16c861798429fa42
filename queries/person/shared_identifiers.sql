-- The addresses and numbers of a person that others have too.
-- grain: one row per kind x key
-- holds persons
with theirs as materialized (
    select basis_id, dataset, source_key, records
    from basis
    where person_id = cast(:person as varchar(40))
),
placed as (
    select dataset, source_key
    from theirs
    where records = 1
    union
    select merged_record.dataset, merged_record.source_key
    from theirs
    inner join merged_record on merged_record.basis_id = theirs.basis_id
    where theirs.records > 1
),
own_record as (
    select record.record_id, record.email_key, record.phone_key
    from placed
    inner join record on record.dataset = placed.dataset and record.source_key = placed.source_key
),
own as (
    select 'email' as kind, email_key as key from own_record where email_key is not null
    union
    select 'phone', phone_key from own_record where phone_key is not null
    union
    select further.kind, further.key
    from own_record
    inner join further_identifier as further on further.record_id = own_record.record_id
),
same as (
    select own.kind, own.key, record.record_id
    from own
    inner join record on own.kind = 'email' and record.email_key = own.key
    union all
    select own.kind, own.key, record.record_id
    from own
    inner join record on own.kind = 'phone' and record.phone_key = own.key
    union all
    select own.kind, own.key, further.record_id
    from own
    inner join further_identifier as further on further.kind = own.kind and further.key = own.key
)
select distinct same.kind, same.key
from same
where same.record_id not in (select own_record.record_id from own_record)
order by same.kind, same.key
