-- How many entries and persons have each status, per category.
-- grain: category x status
-- holds figures
select
    category,
    status,
    count(*) as bases,
    count(distinct person_id) as persons
from basis_status
group by category, status
order by category, status
