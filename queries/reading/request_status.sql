-- Whom of the stored persons each request is about, and what of theirs must stay for now.
-- grain: one row per request x person that is stored
-- holds persons
select
    request_person.source,
    request_person.reference,
    request_person.person_id,
    count(*) as bases,
    count(*) filter (where basis_status.has_hold) as held,
    count(*) filter (
        where basis_status.statutory_until >= evaluation.as_of or basis_status.status = 'STATUTORY'
    ) as statutory
from request_person
inner join basis_status on basis_status.person_id = request_person.person_id
cross join evaluation
where basis_status.status <> 'PURGED'
group by request_person.source, request_person.reference, request_person.person_id
