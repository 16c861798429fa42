-- Of which exports entries keep an earlier date than the one that they say now, their own or that of a contract that they
-- hang on, and how many of those are overdue by it.
-- grain: one row per export, known by its dataset and the build that it came first into
-- holds figures
with moved as (
    select basis_id, moved_dataset as dataset, source, moved_build as build
    from basis
    where moved_build is not null and moved_field not in ('contract.starts_on', 'contract.ends_on')
    union all
    select basis.basis_id, moved_contract.dataset, moved_contract.source, moved_contract.build
    from moved_contract
    inner join basis on basis.org_id = moved_contract.org_id
    where basis.category = 'CUSTOMER_CONTACT'
)
select
    moved.dataset,
    moved.source,
    moved.build,
    count(*) as entries,
    count(distinct basis_status.person_id) as persons,
    count(*) filter (where basis_status.status = 'OVERDUE') as overdue
from moved
inner join basis_status on basis_status.basis_id = moved.basis_id
group by moved.dataset, moved.source, moved.build
order by moved.build, moved.dataset
