-- The requests that are from a person, or may be until somebody has said so.
-- grain: one row per request
-- holds persons
select
    source,
    reference,
    is_sure,
    verdict,
    speaks_for,
    speaks_against
from request_status
where person_id = cast(:person as varchar(40))
    and coalesce(verdict, '') <> 'rejected'
order by source, reference
