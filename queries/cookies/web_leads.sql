-- Web leads by the cookie that they came with: how many are stored, since when, and how many are past their last day.
-- grain: cookie_name
-- holds figures
select
    cookie_name,
    count(*) as leads,
    min(set_on) as first_set_on,
    max(set_on) as last_set_on,
    count(*) filter (where status = 'OVERDUE') as late,
    count(distinct org_name) as companies
from basis_status
where set_on is not null or cookie_name is not null
group by cookie_name
order by leads desc, cookie_name
