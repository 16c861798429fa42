-- The persons that were searched for, with the entries that the reader answers for.
-- grain: one row per person
-- holds persons
with own as (
    select person_id, count(*) as bases
    from basis_status
    where status <> 'PURGED'
        and (
            cast(:owned as varchar(400)) is null
            or position(',' || category || ',' in ',' || cast(:owned as varchar(400)) || ',') > 0
        )
        and (cast(:sought as boolean) is null or person_id in (select sought.person_id from sought))
    group by person_id
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
limit cast(:rows as bigint)
