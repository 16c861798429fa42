-- The entry that has been past its last lawful day the longest.
-- grain: at most one row
-- holds figures
select category, source, deadline_on, days_overdue
from basis_status
where status = 'OVERDUE'
order by days_overdue desc, basis_id
limit 1
