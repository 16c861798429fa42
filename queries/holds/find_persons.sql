-- The persons that were searched for.
-- grain: one row per person
-- holds persons
select
    person.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    person.bases
from person
where cast(:sought as boolean) is null or person.person_id in (select sought.person_id from sought)
order by name nulls last, person.person_id
limit cast(:rows as integer)
