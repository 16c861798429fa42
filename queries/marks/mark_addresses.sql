-- The e-mail addresses of one person, as records are matched by.
-- grain: one row per address
-- holds persons
with behind as (
    select record.record_id, record.email_key
    from basis
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where basis.person_id = cast(:person_id as varchar(40))
)
select email_key as address
from behind
where email_key is not null
union
select further.key
from behind
inner join further_identifier as further on further.record_id = behind.record_id
where further.kind = 'email'
order by address
