-- Between which urgencies the entries of a person lie.
-- grain: one row
-- holds persons
select min(urgency) as low, max(urgency) as high
from basis_status
where person_id = cast(:person_id as varchar(40)) and status <> 'PURGED'
