-- Of which exports entries keep another date than the one that they say now, their own or that of a contract that they
-- hang on, and how many of those are overdue by it.
-- Of one person alone, known by a number, where it is asked whose date that is; 0 for all others.
-- grain: one row per export, known by its dataset and the build that it came first into, and number
-- holds figures
with moved as (
    select
        basis.basis_id,
        basis.moved_dataset as dataset,
        basis.source,
        basis.moved_build as build,
        coalesce(entry_successor.number, 0) as number
    from basis
    left join entry_successor
        on entry_successor.basis_id = basis.basis_id
        and entry_successor.dataset = basis.moved_dataset
        and entry_successor.build = basis.moved_build
    where basis.moved_build is not null and basis.moved_field not in ('contract.starts_on', 'contract.ends_on')
    union all
    select basis.basis_id, moved_contract.dataset, moved_contract.source, moved_contract.build, 0
    from moved_contract
    inner join basis on basis.org_id = moved_contract.org_id
    where basis.category = 'CUSTOMER_CONTACT'
)
select
    moved.dataset,
    moved.source,
    moved.build,
    moved.number,
    count(*) as entries,
    count(distinct basis_status.person_id) as persons,
    count(*) filter (where basis_status.status = 'OVERDUE') as overdue
from moved
inner join basis_status on basis_status.basis_id = moved.basis_id
group by moved.dataset, moved.source, moved.build, moved.number
order by moved.build, moved.dataset, moved.number
