-- How entries move between statuses when rules change, one row per category, status before and status after, and one for
-- all that move. Holds figures.
select
    before_change.category,
    before_change.status as before,
    after_change.status as after,
    count(distinct before_change.person_id) as persons,
    count(*) as bases
from before_change
inner join after_change on after_change.basis_id = before_change.basis_id
where before_change.status <> after_change.status
group by grouping sets ((before_change.category, before_change.status, after_change.status), ())
having count(*) > 0
order by 1, 2, 3
