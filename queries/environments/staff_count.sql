-- How many persons are employed or on an assignment today.
-- grain: one row
-- holds figures
select count(distinct person_id) as staff
from basis_status
where category in ('EMPLOYEE', 'CONTRACTOR') and status = 'ACTIVE'
