-- How many open requests wait for somebody to say who they are from.
-- grain: one row
-- holds figures
select count(*) as requests
from (
    select distinct open_request.source, open_request.reference
    from open_request
    inner join request_status
        on request_status.source = open_request.source and request_status.reference = open_request.reference
    where not request_status.is_sure and coalesce(request_status.verdict, '') <> 'rejected'
) as undecided
