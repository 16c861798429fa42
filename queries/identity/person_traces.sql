-- What somebody is found again by: their records, and every identifier together with the name. The same texts as
-- queries/reading/identity.sql makes.
-- grain: one row per trace
-- holds persons
with behind as (
    select record.record_id, record.email_key, record.phone_key, record.name_key
    from basis
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where basis.person_id = cast(:person_id as varchar(32))
)
select 'held|' || record_id as trace
from behind
union
select 'held||email|' || email_key || '|' || coalesce(name_key, '')
from behind
where email_key is not null
union
select 'held||phone|' || phone_key || '|' || name_key
from behind
where phone_key is not null and name_key is not null
union
select 'held||' || further.kind || '|' || further.key || '|' || coalesce(behind.name_key, '')
from behind
inner join further_identifier as further on further.record_id = behind.record_id
where further.kind = 'email' or behind.name_key is not null
order by trace
