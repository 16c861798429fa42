-- How many entries a hold keeps past their last lawful day.
-- grain: one row
-- holds figures
select count(*) as bases
from basis_status
where status = 'HELD' and deadline_on < cast(:as_of as date)
