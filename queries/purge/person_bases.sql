-- Every entry of one person, with where it stands.
-- grain: one row per basis
-- holds persons
select basis_id, category, source, status, deadline_on
from basis_status
where person_id = cast(:person as varchar(40)) and status <> 'PURGED'
order by basis_id
