-- How long entries have been past their last lawful day.
-- grain: category x age
-- holds figures
select
    category,
    case
        when days_overdue <= 30 then '1-30'
        when days_overdue <= 90 then '31-90'
        when days_overdue <= 365 then '91-365'
        else '366-'
    end as age,
    count(*) as bases,
    count(distinct person_id) as persons
from basis_status
left join (select category as rule_category, owner from rule) as owned on owned.rule_category = basis_status.category
where status = 'OVERDUE'
    and (cast(:category as varchar(40)) is null or category = cast(:category as varchar(40)))
    and (cast(:source as varchar(40)) is null or source = cast(:source as varchar(40)))
    and (cast(:owner as varchar(40)) is null or owner = cast(:owner as varchar(40)))
group by 1, 2
order by 1, 2
