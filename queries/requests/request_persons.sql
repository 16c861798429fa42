-- Whom of the stored persons each request is about, or may be about until somebody has said so, and what of theirs must
-- stay for now. Of one request, where it is named: its persons, with the other requests that may be about them too.
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
    and (
        cast(:reference as varchar(80)) is null
        or request_status.person_id in (
            select asked.person_id
            from request_status as asked
            where asked.source = cast(:source as varchar(60)) and asked.reference = cast(:reference as varchar(80))
        )
    )
order by request_status.source, request_status.reference, request_status.person_id
