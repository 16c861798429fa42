-- Persons by the beginning of their reference or, with names, by a part of their name or e-mail address.
-- grain: one row per person
-- holds persons
select
    person.person_id,
    case when cast(:named as boolean) then person.name end as name,
    case when cast(:named as boolean) then person.email end as email,
    person.bases
from person
where person.person_id like lower(cast(:search as varchar(200))) || '%'
    or (
        cast(:named as boolean)
        and (
            lower(person.name) like '%' || lower(cast(:search as varchar(200))) || '%'
            or lower(person.email) like '%' || lower(cast(:search as varchar(200))) || '%'
        )
    )
order by name, person.person_id
limit cast(:rows as bigint)
