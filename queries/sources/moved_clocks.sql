-- Of which exports entries keep an earlier date than the one that they say now, and how many of those are overdue by it.
-- grain: one row per export, known by its dataset and the build that it came first into
-- holds figures
select
    basis.moved_dataset as dataset,
    basis.source,
    basis.moved_build as build,
    count(*) as entries,
    count(distinct basis.person_id) as persons,
    count(*) filter (where basis_status.status = 'OVERDUE') as overdue
from basis
inner join basis_status on basis_status.basis_id = basis.basis_id
where basis.moved_build is not null
group by basis.moved_dataset, basis.source, basis.moved_build
order by basis.moved_build, basis.moved_dataset
