-- Whom of the stored persons each request is about, or may be about until somebody has said so, and what of theirs must
-- stay for now.
-- grain: one row per request x person that is stored
-- holds persons
select
    request_status.source,
    request_status.reference,
    request_status.person_id,
    request_status.is_sure,
    request_status.speaks_for,
    request_status.speaks_against,
    request_status.bases,
    request_status.held,
    request_status.statutory,
    coalesce(marked.is_restricted, false) as restricted
from request_status
left join marked on marked.person_id = request_status.person_id
where coalesce(request_status.verdict, '') <> 'rejected'
order by request_status.source, request_status.reference, request_status.person_id
