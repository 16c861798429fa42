-- Persons by the beginning of their reference or, with names, by a part of their name or e-mail address.
-- grain: one row per person
-- holds persons
select
    person.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    person.bases
from person
where position(cast(:reference as varchar(40)) in person.person_id) = 1
    or (
        cast(:named as boolean)
        and (
            position(lower(cast(:search as varchar(200))) in lower(person.name)) > 0
            or position(lower(cast(:search as varchar(200))) in lower(person.email)) > 0
        )
    )
order by name, person.person_id
limit cast(:rows as bigint)
