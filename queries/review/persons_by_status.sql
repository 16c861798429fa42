-- How many persons have each status, a person having the worst of its entries'.
-- grain: one row per status
-- holds figures
select status, count(*) as persons
from person_status
group by status
order by status
