-- How entries of one category move between statuses when a rule changes, one row per status before and status after. Holds figures.
select
    before_change.status as before,
    after_change.status as after,
    count(distinct before_change.person_id) as persons,
    count(*) as bases
from before_change
inner join after_change on after_change.basis_id = before_change.basis_id
where before_change.category = $category and before_change.status <> after_change.status
group by 1, 2
order by 1, 2
