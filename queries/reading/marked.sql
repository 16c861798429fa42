-- Who is marked, each with what is on: one row for all marks of a person. Grain: one row per person. Holds persons.
insert into marked by name
select
    person_id,
    bool_or(kind = 'restricted') as is_restricted,
    bool_or(kind = 'opted_out') as is_opted_out,
    bool_or(kind = 'objected') as has_objected
from marks_told
group by person_id
