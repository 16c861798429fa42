-- Web leads by the cookie that they came with: how many are stored, since when, and how many are past their last day.
-- grain: cookie_name
-- holds figures
select
    basis.cookie_name,
    count(*) as leads,
    min(basis.set_on) as first_set_on,
    max(basis.set_on) as last_set_on,
    count(*) filter (where basis_status.status = 'OVERDUE') as late,
    count(distinct basis.org_name) as companies
from basis_status
inner join basis on basis.basis_id = basis_status.basis_id
where basis_status.status <> 'PURGED' and (basis.set_on is not null or basis.cookie_name is not null)
group by basis.cookie_name
order by leads desc, basis.cookie_name
