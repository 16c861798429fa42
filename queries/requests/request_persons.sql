-- Whom of the stored persons each request is about, and what of theirs must stay for now.
-- grain: one row per request x person that is stored
-- holds persons
select *
from request_status
order by source, reference, person_id
