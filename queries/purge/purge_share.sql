-- How large a part of each category's entries a batch would delete.
-- grain: category
-- holds figures
select decided.category, count(*) as going, stored.bases as stored
from decided
inner join (
    select category, count(*) as bases
    from basis_status
    where status <> 'PURGED'
    group by category
) as stored on stored.category = decided.category
where decided.stays is null
group by decided.category, stored.bases
order by decided.category
