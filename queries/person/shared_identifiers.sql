-- The addresses and numbers of a person that others have too.
-- grain: one row per kind x key
-- holds persons
with own_record as (
    select distinct record.record_id, record.email_key, record.phone_key
    from basis
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where basis.person_id = cast(:person as varchar(40))
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
