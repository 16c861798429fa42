-- How many entries must go by when: deadlines ahead per month or week, entries past theirs apart.
-- grain: first day of the month or week x category
-- holds figures
select
    cast(date_trunc(cast(:unit as varchar(5)), deadline_on) as date) as starts_on,
    category,
    count(*) as bases
from basis_status
left join (select category as rule_category, owner from rule) as owned on owned.rule_category = basis_status.category
where status in ('DUE', 'EXPIRING', 'RETAINED')
    and deadline_on < cast(:until as date)
    and (cast(:category as varchar(40)) is null or category = cast(:category as varchar(40)))
    and (cast(:source as varchar(40)) is null or source = cast(:source as varchar(40)))
    and (cast(:owner as varchar(40)) is null or owner = cast(:owner as varchar(40)))
group by 1, 2
order by 1, 2
