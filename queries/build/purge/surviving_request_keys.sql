-- The identity keys of requests whose person stays. Grain: one row per reference. Holds persons.
select request_key.*
from old.request_key
where not exists (
    select 1
    from old.request_person
    inner join doomed_person on doomed_person.person_id = request_person.person_id
    where request_person.source = request_key.source and request_person.reference = request_key.reference
)
