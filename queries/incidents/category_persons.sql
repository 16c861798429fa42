-- How many persons are stored per category, for whoever says whom an incident concerns.
-- grain: category
-- holds figures
select
    category,
    count(distinct person_id) as persons
from basis_status
where status <> 'PURGED'
group by category
order by category
