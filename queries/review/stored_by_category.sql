-- How many persons and entries are stored per category and source, and how they stand.
-- grain: category x source
-- holds figures
select
    category,
    source,
    count(distinct person_id) as persons,
    count(*) as bases,
    count(*) filter (where status = 'ACTIVE') as active,
    count(*) filter (where status = 'RETAINED') as retained,
    count(*) filter (where status = 'EXPIRING') as expiring,
    count(*) filter (where status = 'DUE') as due,
    count(*) filter (where status = 'OVERDUE') as overdue,
    count(*) filter (where status = 'HELD') as held,
    count(*) filter (where status = 'STATUTORY') as statutory,
    count(*) filter (where status = 'UNDETERMINED') as undetermined
from basis_status
where status <> 'PURGED'
group by category, source
order by category, source
