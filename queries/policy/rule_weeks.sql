-- In which week after :since entries become due, and in which overdue, as they stand on the last day that is looked at.
-- Where a law keeps something longer than its rule, the law says when; what is on hold that day becomes neither.
-- grain: first day of the week x due or overdue
-- holds figures
with coming as (
    select
        status,
        greatest(planned_on, cast(statutory_until + interval '1 day' as date)) as due_on,
        greatest(
            cast(deadline_on + interval '1 day' as date), cast(statutory_until + interval '1 day' as date)
        ) as overdue_on
    from basis_status
    where status in ('DUE', 'OVERDUE')
)
select
    cast(date_trunc('week', due_on) as date) as starts_on,
    'due' as becomes,
    count(*) as bases
from coming
where due_on > cast(:since as date) and due_on < overdue_on
group by 1
union all
select
    cast(date_trunc('week', overdue_on) as date),
    'overdue',
    count(*)
from coming
where status = 'OVERDUE' and overdue_on > cast(:since as date)
group by 1
order by 1, 2
