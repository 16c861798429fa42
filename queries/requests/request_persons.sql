-- Whom of the stored persons each request is about, or may be about until somebody has said so, and what of theirs must
-- stay for now.
-- grain: one row per request x person that is stored
-- holds persons
select source, reference, person_id, is_sure, speaks_for, speaks_against, bases, held, statutory
from request_status
where coalesce(verdict, '') <> 'rejected'
order by source, reference, person_id
