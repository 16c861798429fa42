-- Whom of the stored persons each request is about, may be about or was said not to be, why, and what of theirs must stay
-- for now.
-- grain: one row per request x person that is stored
-- holds persons
select
    request_candidate.source,
    request_candidate.reference,
    request_candidate.person_id,
    request_candidate.is_sure,
    request_candidate.verdict,
    array_to_string(request_candidate.speaks_for, ',') as speaks_for,
    array_to_string(request_candidate.speaks_against, ',') as speaks_against,
    count(*) as bases,
    count(*) filter (where basis_status.has_hold) as held,
    count(*) filter (
        where basis_status.statutory_until >= evaluation.as_of or basis_status.status = 'STATUTORY'
    ) as statutory
from request_candidate
inner join basis_status on basis_status.person_id = request_candidate.person_id
cross join evaluation
where basis_status.status <> 'PURGED'
group by
    request_candidate.source,
    request_candidate.reference,
    request_candidate.person_id,
    request_candidate.is_sure,
    request_candidate.verdict,
    request_candidate.speaks_for,
    request_candidate.speaks_against
