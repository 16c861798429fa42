-- What somebody or an entry is found again by in another build: the records, and who they are about, an identifier together
-- with the name, as it is and in one spelling, and, of an entry, its category. The same texts as
-- queries/reading/identity.sql makes in a new build.
-- grain: one row per trace
-- holds persons
with there as (
    select
        record.record_id,
        record.email_key,
        record.phone_key,
        record.name_key,
        case when cast(:scope as varchar(20)) = 'basis' then basis.category else '' end as category
    from basis
    inner join basis_record on basis_record.basis_id = basis.basis_id
    inner join record on record.record_id = basis_record.record_id
    where case cast(:scope as varchar(20))
        when 'basis' then basis.basis_id
        when 'person' then basis.person_id
    end = cast(:scope_key as varchar(120))
),
behind as (
    select record_id, email_key, phone_key, name_key, category
    from there
    union
    select
        record_id,
        email_key,
        phone_key,
        replace(replace(replace(replace(name_key, 'aa', 'a'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u'),
        category
    from there
)
select 'held|' || record_id as trace, true as is_record
from behind
union
select 'held|' || category || '|email|' || email_key || '|' || coalesce(name_key, ''), false
from behind
where email_key is not null
union
select 'held|' || category || '|phone|' || phone_key || '|' || name_key, false
from behind
where phone_key is not null and name_key is not null
union
select
    'held|' || behind.category || '|' || further.kind || '|' || further.key || '|' || coalesce(behind.name_key, ''),
    false
from behind
inner join further_identifier as further on further.record_id = behind.record_id
where further.kind = 'email' or behind.name_key is not null
order by is_record desc, trace
