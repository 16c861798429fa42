-- The persons that were searched for, with the entries that the reader answers for.
-- grain: one row per person
-- holds persons
with own as (
    select basis_status.person_id, count(*) as bases
    from basis_status
    -- Inwards, so that of all entries theirs alone are looked at.
    inner join (select distinct person_id from sought) as wanted on wanted.person_id = basis_status.person_id
    where basis_status.status <> 'PURGED'
        and (
            cast(:owned as varchar(400)) is null
            or position(',' || basis_status.category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
        )
    group by basis_status.person_id
)
select
    person.person_id,
    person.name,
    person.email,
    person.phone,
    own.bases,
    coalesce(marked.is_restricted, false) as restricted
from own
inner join person on person.person_id = own.person_id
left join marked on marked.person_id = own.person_id
order by person.name, person.person_id
limit cast(:rows as integer)
